import { SourceFailure } from "#sources/source";
import { fitsGlob, isGlob } from "./glob.ts";
import { isRecord, setField, type MutableRecord } from "./record.ts";

/**
 * Paths into records as Python's dpath reads them: field names and list indices, negative ones from the end; `*`, `?`
 * and `[…]` stand for characters of one name, `**` for any number of names.
 */
export type Path = readonly string[];

/** Where a value was found. */
export interface Place {
  readonly container: MutableRecord | unknown[];
  readonly key: string;
  readonly value: unknown;
}

/** Deeper than any record that means well; the call stack holds more. */
const MAX_DEPTH = 500;

/** Every place that the path fits, in dpath's order: all of an object's fields before what is in them. */
export function placesAt(root: unknown, path: Path): Place[] {
  const places: Place[] = [];
  if (path.includes("**")) collectDeep(root, path, closed([0], path), 0, places);
  else collect(root, path, 0, places);
  return places;
}

function collect(node: unknown, path: Path, at: number, places: Place[]): void {
  const part = path[at];
  if (part === undefined) return;
  for (const place of childrenNamed(node, part)) {
    if (at === path.length - 1) places.push(place);
    else collect(place.value, path, at + 1, places);
  }
}

/** With `**` several parts of the path may be next. */
function collectDeep(node: unknown, path: Path, next: ReadonlySet<number>, depth: number, places: Place[]): void {
  if (depth > MAX_DEPTH) throw unusable(path, `leads more than ${MAX_DEPTH} levels deep`);
  const inner: [Place, ReadonlySet<number>][] = [];
  for (const place of childrenOf(node)) {
    const after = [...next].flatMap((at) => {
      if (path[at] === "**") return [at];
      return fitsKey(place, path[at] ?? "") ? [at + 1] : [];
    });
    const following = closed(after, path);
    if (following.has(path.length)) places.push(place);
    if (following.size > 0) inner.push([place, following]);
  }
  for (const [place, following] of inner) collectDeep(place.value, path, following, depth + 1, places);
}

/** `**` may stand for no name at all. */
function closed(positions: readonly number[], path: Path): ReadonlySet<number> {
  const all = new Set(positions);
  for (const at of all) if (path[at] === "**") all.add(at + 1);
  return all;
}

function childrenNamed(node: unknown, part: string): Place[] {
  if (isGlob(part)) return childrenOf(node).filter((place) => fitsKey(place, part));
  if (Array.isArray(node)) {
    const index = indexIn(node, part);
    return index === null ? [] : [{ container: node, key: String(index), value: node[index] }];
  }
  return isRecord(node) && Object.hasOwn(node, part) ? [{ container: node, key: part, value: node[part] }] : [];
}

function fitsKey({ container, key }: Place, part: string): boolean {
  if (isGlob(part)) return fitsGlob(key, part);
  return Array.isArray(container) ? String(indexIn(container, part)) === key : key === part;
}

function indexIn(list: readonly unknown[], part: string): number | null {
  if (!/^-?\d+$/.test(part)) return null;
  const index = Number(part) < 0 ? list.length + Number(part) : Number(part);
  return index >= 0 && index < list.length ? index : null;
}

function childrenOf(node: unknown): Place[] {
  if (Array.isArray(node)) return node.map((value, index) => ({ container: node, key: String(index), value }));
  return isRecord(node) ? Object.entries(node).map(([key, value]) => ({ container: node, key, value })) : [];
}

/** The first value that a path fits; `undefined` where there is none. */
export function valueAt(root: unknown, path: Path): unknown {
  return placesAt(root, path)[0]?.value;
}

/**
 * The one value that a path fits; `undefined` where there is none.
 *
 * @throws SourceFailure where it fits several: to take the first would leave the others out
 */
export function soleValueAt(root: unknown, path: Path): unknown {
  const [first, ...others] = placesAt(root, path);
  if (others.length > 0) {
    throw unusable(path, `fits ${others.length + 1} places of an answer where one is expected; use "*" to take all`);
  }
  return first?.value;
}

/** Longest list that a path may extend: an index is the manifest's, and a list of a billion nulls fills the memory. */
const MAX_INDEX = 10_000;

/**
 * Sets the value at a path without patterns. What is missing on the way is made: a list where an index follows, else an
 * object; a list that is too short is filled with null.
 *
 * @throws SourceFailure where a value on the way is neither
 */
export function setAt(root: MutableRecord, path: Path, value: unknown): void {
  let node: MutableRecord | unknown[] = root;
  for (const [at, part] of path.entries()) {
    if (at === path.length - 1) {
      put(node, part, value, path);
      return;
    }
    const known = fieldOf(node, part);
    const next: unknown = known ?? (isIndex(path[at + 1] ?? "") ? [] : {});
    if (known === null || (!isRecord(next) && !Array.isArray(next))) {
      throw unusable(
        path.slice(0, at + 1),
        "has a value that is neither an object nor a list, so it can't have fields",
      );
    }
    if (known === undefined) put(node, part, next, path);
    node = next;
  }
}

function fieldOf(node: MutableRecord | unknown[], part: string): unknown {
  if (Array.isArray(node)) return isIndex(part) ? node[Number(part)] : undefined;
  return Object.hasOwn(node, part) ? node[part] : undefined;
}

function put(node: MutableRecord | unknown[], part: string, value: unknown, path: Path): void {
  if (!Array.isArray(node)) {
    setField(node, part, value);
    return;
  }
  const index = Number(part);
  if (!isIndex(part)) throw unusable(path, `names a field "${part}" in a list, where it takes a number`);
  if (index > MAX_INDEX) throw unusable(path, `has an index beyond ${MAX_INDEX}`);
  while (node.length < index) node.push(null);
  node[index] = value;
}

function isIndex(part: string): boolean {
  return /^\d+$/.test(part);
}

/** Gives every value that the path fits another. @returns how many there were */
export function replaceAt(root: MutableRecord, path: Path, value: unknown): number {
  const places = placesAt(root, path);
  for (const { container, key } of places) {
    if (Array.isArray(container)) container[Number(key)] = value;
    else setField(container, key, value);
  }
  return places.length;
}

/** Removes what is at the path. In a list the place stays, with null in it, unless it is the last. */
export function removeAt(root: MutableRecord, path: Path): void {
  for (const place of placesAt(root, path)) remove(place);
}

/** Removes every value of a record, however deep, that is neither object nor list and that is meant. */
export function removeValues(root: MutableRecord, isMeant: (value: unknown) => boolean): void {
  for (const place of placesAt(root, ["**"])) {
    const isLeaf = !isRecord(place.value) && !Array.isArray(place.value);
    if (isLeaf && isMeant(place.value)) remove(place);
  }
}

function remove({ container, key }: Place): void {
  if (!Array.isArray(container)) delete container[key];
  else if (Number(key) === container.length - 1) container.pop();
  else container[Number(key)] = null;
}

/** A path of the manifest that does not go with the record or the answer that it met. */
function unusable(path: Path, why: string): SourceFailure {
  return new SourceFailure({
    kind: "bad_request",
    message: `The path ${JSON.stringify(path)} of the manifest ${why}.`,
    final: true,
  });
}
