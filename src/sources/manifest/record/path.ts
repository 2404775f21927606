import { isRecord, setField, type MutableRecord } from "./record.ts";

/**
 * Paths into records as Python's dpath reads them: field names and list indices; `*`, `?` and `[…]` stand for
 * characters of one name, `**` for any number of names.
 */
export type Path = readonly string[];

/** Where a value was found. */
export interface Place {
  readonly container: MutableRecord | unknown[];
  readonly key: string;
  readonly value: unknown;
}

/** Every place that the path fits, outer ones first. */
export function placesAt(root: unknown, path: Path): Place[] {
  const places: Place[] = [];
  collect(root, path, 0, places);
  return places;
}

function collect(node: unknown, path: Path, at: number, places: Place[]): void {
  const part = path[at];
  if (part === undefined) return;
  const isLast = at === path.length - 1;
  if (part === "**") {
    for (const place of childrenOf(node)) {
      if (isLast) places.push(place);
      collect(place.value, path, at, places);
    }
    if (!isLast) collect(node, path, at + 1, places);
    return;
  }
  for (const place of childrenNamed(node, part)) {
    if (isLast) places.push(place);
    else collect(place.value, path, at + 1, places);
  }
}

function childrenNamed(node: unknown, part: string): Place[] {
  if (!isPattern(part)) {
    const child = childNamed(node, part);
    return child === null ? [] : [child];
  }
  const pattern = patternOf(part);
  return childrenOf(node).filter(({ key }) => key === part || pattern.test(key));
}

function childNamed(node: unknown, key: string): Place | null {
  if (Array.isArray(node)) {
    return /^\d+$/.test(key) && Number(key) < node.length
      ? { container: node, key: String(Number(key)), value: node[Number(key)] }
      : null;
  }
  return isRecord(node) && Object.hasOwn(node, key) ? { container: node, key, value: node[key] } : null;
}

function childrenOf(node: unknown): Place[] {
  if (Array.isArray(node)) return node.map((value, index) => ({ container: node, key: String(index), value }));
  return isRecord(node) ? Object.entries(node).map(([key, value]) => ({ container: node, key, value })) : [];
}

function isPattern(part: string): boolean {
  return /[*?[]/.test(part);
}

/** As Python's fnmatch, upper and lower case told apart. */
function patternOf(part: string): RegExp {
  const source = part.replaceAll(/\[(!?)([^\]]+)\]|[*?]|[\\^$.|+(){}[\]]/g, (match, not: string, set: string) => {
    if (match === "*") return ".*";
    if (match === "?") return ".";
    if (set !== undefined) return `[${not === "!" ? "^" : ""}${set.replaceAll(/[\\\]^]/g, String.raw`\$&`)}]`;
    return `\\${match}`;
  });
  return new RegExp(`^${source}$`, "s");
}

/** The value at a path without patterns; `undefined` where there is none. */
export function valueAt(root: unknown, path: Path): unknown {
  return placesAt(root, path)[0]?.value;
}

/** Longest list that a path may extend: an index is the manifest's, and a list of a billion nulls fills the memory. */
const MAX_INDEX = 10_000;

/** Sets the value at a path, making the objects on the way; an index beyond a list's end fills it with null. */
export function setAt(root: MutableRecord, path: Path, value: unknown): void {
  let node: MutableRecord | unknown[] = root;
  for (const [at, part] of path.entries()) {
    const isLast = at === path.length - 1;
    const next: unknown = isLast ? value : (childNamed(node, part)?.value ?? {});
    const child: unknown = isLast || isRecord(next) || Array.isArray(next) ? next : {};
    if (Array.isArray(node)) {
      const index = Number(part);
      if (!Number.isSafeInteger(index) || index < 0 || index > MAX_INDEX) return;
      while (node.length < index) node.push(null);
      node[index] = child;
    } else {
      setField(node, part, child);
    }
    if (isRecord(child) || Array.isArray(child)) node = child;
  }
}

/** Removes what is at the path. In a list the place stays, with null in it, unless it is the last. */
export function removeAt(root: MutableRecord, path: Path, isMeant: (value: unknown) => boolean): void {
  for (const { container, key, value } of placesAt(root, path)) {
    if (!isMeant(value)) continue;
    if (!Array.isArray(container)) delete container[key];
    else if (Number(key) === container.length - 1) container.pop();
    else container[Number(key)] = null;
  }
}
