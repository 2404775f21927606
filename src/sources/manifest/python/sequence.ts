import { entriesOf, isMapping, PySet, sizeOf } from "./dict.ts";
import { allowListLength } from "./limits.ts";
import { typeError } from "./python-error.ts";
import { admit, Series, Tuple, typeName, Undefined, type Value } from "./value.ts";

/** The items of what can be looped over, or undefined: lists, tuples, sets, texts, the keys of dicts, and series. */
export function itemsIn(value: Value): readonly Value[] | undefined {
  if (Array.isArray(value)) return value.map(admit);
  if (typeof value === "string") {
    const items = Array.from(value);
    allowListLength(items.length);
    return items;
  }
  if (value instanceof Tuple || value instanceof Series || value instanceof PySet) return value.items;
  if (value instanceof Undefined) return [];
  return isMapping(value) ? entriesOf(value).map(([key]) => key) : undefined;
}

/** As `itemsIn`; throws a TypeError where there is nothing to loop over. */
export function iterate(value: Value): readonly Value[] {
  const items = itemsIn(value);
  if (items === undefined) throw typeError(`'${typeName(value)}' object is not iterable`);
  return items;
}

const SURROGATE = /[\uD800-\uDFFF]/;

/** Python counts characters, JavaScript halves of some: these are the characters. */
export function characters(text: string): readonly string[] | string {
  return SURROGATE.test(text) ? Array.from(text) : text;
}

/** As Python's `len`, or undefined for what has no length. */
export function lengthOf(value: Value): number | undefined {
  if (typeof value === "string") return characters(value).length;
  if (Array.isArray(value)) return value.length;
  if (value instanceof Tuple || value instanceof PySet) return value.items.length;
  if (value instanceof Series) return value.typeName === "generator" ? undefined : value.items.length;
  if (value instanceof Undefined) return 0;
  return isMapping(value) ? sizeOf(value) : undefined;
}

/** The bounds of a Python slice; absent ones are null. */
export interface SliceBounds {
  readonly start: number | null;
  readonly stop: number | null;
  readonly step: number | null;
}

/** The positions that a slice takes of a sequence of this length. */
export function slicePositions(length: number, bounds: SliceBounds): readonly number[] {
  const step = bounds.step ?? 1;
  const low = step > 0 ? 0 : -1;
  const high = step > 0 ? length : length - 1;
  const clamp = (position: number | null, fallback: number) =>
    position === null ? fallback : Math.min(Math.max(position < 0 ? position + length : position, low), high);
  const start = clamp(bounds.start, step > 0 ? low : high);
  const stop = clamp(bounds.stop, step > 0 ? high : low);
  const positions = [];
  for (let at = start; step > 0 ? at < stop : at > stop; at += step) positions.push(at);
  return positions;
}
