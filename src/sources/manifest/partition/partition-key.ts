import { isJsonObject, type Json, type JsonObject } from "#core/json";

/** Odd, with their bits well spread: the primes of xxHash32. */
const FACTOR_A = 0x9e3779b1;
const FACTOR_B = 0x85ebca77;
const FACTOR_C = 0xc2b2ae3d;

/**
 * A short name for a partition: 64 bits of a hash of its canonical JSON, in 14 characters. With 5,000 partitions the
 * chance that any two share a name is below one in 10^12; whoever could construct such two owns both of them. It is no
 * cryptographic hash, so that it is quick for a hundred thousand partitions.
 */
export function partitionKey(partition: JsonObject): string {
  const text = canonicalJson(partition);
  let a = 0x243f6a88;
  let b = 0x13198a2e;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, FACTOR_A);
    b = Math.imul(b ^ code, FACTOR_C) + 0x7f4a7c15;
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  const left = mixed(a ^ text.length);
  return base36(left) + base36(mixed(b ^ left));
}

/** Keys that are unique within a list, and stay the same while the list does: equal partitions are counted. */
export function uniqueKeys(partitions: readonly JsonObject[]): string[] {
  const counts = new Map<string, number>();
  return partitions.map((partition) => {
    const key = partitionKey(partition);
    const before = counts.get(key) ?? 0;
    counts.set(key, before + 1);
    return before === 0 ? key : `${key}#${before + 1}`;
  });
}

function mixed(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), FACTOR_B);
  bits = Math.imul(bits ^ (bits >>> 13), FACTOR_C);
  return bits ^ (bits >>> 16);
}

function base36(bits: number): string {
  return (bits >>> 0).toString(36).padStart(7, "0");
}

/** The same text for equal values, in whatever order their fields come. */
function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  // A number that a double can't hold is an object to JavaScript, and a number in JSON.
  if (!isJsonObject(value) || JSON.isRawJSON(value)) return JSON.stringify(value);
  const fields = Object.keys(value).toSorted();
  return `{${fields.map((field) => `${JSON.stringify(field)}:${canonicalJson(value[field] ?? null)}`).join(",")}}`;
}
