import { isAlias, isMap, isScalar, isSeq, type Document, type Node, type ParsedNode } from "yaml";

/** Uses of anchors that a manifest may have: each is looked for among all anchors. */
const MAX_ALIASES = 1_000;

/** Values that a manifest may have with each use of an anchor counted as the copy that it stands for. */
const MAX_VALUES = 500_000;

/** What is wrong with a document that is sound YAML. */
export interface YamlFault {
  /** Characters from the beginning; null where it is about the whole. */
  readonly at: number | null;
  readonly message: string;
}

/**
 * Keys that are twice in one object, and anchors that stand for more than a manifest can have: a few lines of them can
 * fill the memory. Takes time in proportion to the text, which the YAML library's own checks do not.
 */
export function yamlFault(document: Document.Parsed): YamlFault | null {
  const sizes = new Map<string, number>();
  let aliases = 0;
  let fault: YamlFault | null = null;
  const refuse = (node: Node, message: string) => {
    fault ??= { at: node.range?.[0] ?? null, message };
    return 0;
  };
  const sizeOfAlias = (node: Node, source: string): number => {
    aliases += 1;
    if (aliases > MAX_ALIASES) return refuse(node, `The manifest uses its anchors more than ${MAX_ALIASES} times`);
    return sizes.get(source) ?? refuse(node, `There is no anchor "${source}" before this, outside of which it stands`);
  };
  const sizeOf = (node: unknown): number => {
    if (fault !== null) return 0;
    if (isAlias(node)) return sizeOfAlias(node, node.source);
    if (!isMap<ParsedNode, ParsedNode | null>(node) && !isSeq<ParsedNode>(node)) {
      if (isScalar(node) && node.anchor !== undefined) sizes.set(node.anchor, 1);
      return 1;
    }
    let size = 1;
    if (isMap<ParsedNode, ParsedNode | null>(node)) {
      const keys = new Set<string>();
      for (const { key, value } of node.items) {
        size += sizeOf(key) + sizeOf(value);
        const name = isScalar(key) && key.value !== "<<" ? String(key.value) : null;
        if (name !== null && keys.has(name)) return refuse(key, `The key "${name}" is twice in one object`);
        if (name !== null) keys.add(name);
      }
    } else {
      for (const item of node.items) size += sizeOf(item);
    }
    if (node.anchor !== undefined) sizes.set(node.anchor, size);
    return size;
  };
  const size = sizeOf(document.contents);
  if (fault === null && size > MAX_VALUES) {
    return { at: null, message: `With its anchors resolved the manifest has more than ${MAX_VALUES} values` };
  }
  return fault;
}
