import { parseExactly } from "./exact-json.ts";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";

/** A record that can be stored: its id, and its JSON text. */
export interface Entity {
  readonly id: string;
  readonly text: string;
}

/** A record that can't be stored, and why. */
export interface Rejected {
  /** Null where not even that could be found out. */
  readonly id: string | null;
  readonly reason: string;
}

/**
 * Bytes that an entity may take up. A row of a Durable Object's SQLite holds 2,000,000 (Cloudflare's limits page);
 * the rest of the row and the record header need some of it.
 */
export const ENTITY_LIMIT_BYTES = 1_990_000;

/** Characters that an id may have: it is in the primary key, and in the change feed. */
const ID_LIMIT = 2_000;

/** A UTF-16 code unit takes three bytes of UTF-8 at most. */
const MAX_BYTES_PER_UNIT = 3;

/**
 * Turns a record into an entity.
 *
 * @param digest identifies content, for streams without a primary key; given the record in canonical form
 */
export function toEntity(
  record: unknown,
  primaryKey: readonly (readonly string[])[] | null,
  digest: (canonical: string) => string,
): Entity | Rejected {
  if (!isJsonObject(record) || JSON.isRawJSON(record)) return { id: null, reason: "The record is not a JSON object." };
  const key = primaryKey === null ? null : idOf(record, primaryKey);
  if (key !== null && typeof key !== "string") return key;
  const text = unlessTooDeep(() => JSON.stringify(record));
  const id = key ?? unlessTooDeep(() => digest(canonicalText(record)));
  if (text === null || id === null) return { id, reason: "The record is nested too deeply to be stored." };
  if (!fitsRow(text)) {
    return { id, reason: `The entity is larger than ${ENTITY_LIMIT_BYTES} bytes, the most a row can hold.` };
  }
  return { id, text };
}

export function isRejected(entity: Entity | Rejected): entity is Rejected {
  return "reason" in entity;
}

/** Walking through JSON recurses, so a record nested some thousands of levels deep overflows the stack. Null then. */
function unlessTooDeep(walk: () => string): string | null {
  try {
    return walk();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function idOf(record: JsonObject, primaryKey: readonly (readonly string[])[]): string | Rejected {
  const parts: string[] = [];
  for (const path of primaryKey) {
    const value = valueAt(record, path);
    const part = JSON.isRawJSON(value) ? value.rawJSON : value;
    if (typeof part !== "string" && typeof part !== "number" && typeof part !== "boolean") {
      return { id: null, reason: `The record has no id: "${path.join(".")}" is ${describe(part)}.` };
    }
    parts.push(String(part));
  }
  const [only] = parts;
  const id = parts.length === 1 && only !== undefined ? only : JSON.stringify(parts);
  if (id === "") return { id: null, reason: "The record's id is empty." };
  if (id.length > ID_LIMIT) return { id: null, reason: `The record's id is longer than ${ID_LIMIT} characters.` };
  // SQLite stores UTF-8 and ends text at NUL in places: such ids would be changed into other ids.
  if (!id.isWellFormed() || id.includes("\0")) {
    return { id: null, reason: "The record's id holds characters that can't be stored (NUL or a lone surrogate)." };
  }
  return id;
}

function valueAt(record: JsonObject, path: readonly string[]): Json | undefined {
  let value: Json | undefined = record;
  for (const key of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

function describe(value: Json | undefined): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : "an object";
}

function fitsRow(text: string): boolean {
  if (text.length * MAX_BYTES_PER_UNIT <= ENTITY_LIMIT_BYTES) return true;
  return text.length <= ENTITY_LIMIT_BYTES && new TextEncoder().encode(text).byteLength <= ENTITY_LIMIT_BYTES;
}

/** JSON text with the keys of every object in order, so that equal content has equal text. */
export function canonicalText(value: Json): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isJsonObject(inner) && !JSON.isRawJSON(inner) ? Object.fromEntries(Object.entries(inner).toSorted(byKey)) : inner,
  );
}

function byKey([a]: [string, Json], [b]: [string, Json]): number {
  return a < b ? -1 : Number(a > b);
}

/** Do two JSON texts say the same, whatever the order of their keys? */
export function sameContent(a: string, b: string): boolean {
  if (a === b) return true;
  // Another order of the same keys leaves the length as it was.
  if (a.length !== b.length) return false;
  const canonicalA = unlessTooDeep(() => canonicalText(parseExactly(a)));
  // What can't be compared counts as changed: that costs a row, and is never wrong.
  return canonicalA !== null && canonicalA === unlessTooDeep(() => canonicalText(parseExactly(b)));
}
