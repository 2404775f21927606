import { z } from "zod";

import { str } from "#sources/manifest/python/text";
import { isTrue } from "#sources/manifest/python/truth";
import { admit } from "#sources/manifest/python/value";

export interface PropertyChunking {
  /** In characters or in properties; null for no limit. */
  readonly limit: number | null;
  readonly countsCharacters: boolean;
  mergeKeyOf(record: Readonly<Record<string, unknown>>): string | null;
}

/** What a delimiter between two properties takes in an address: a comma is `%2C` there. */
const DELIMITER_LENGTH = 3;

/** How many properties one request may ask for, and what records that come in parts are put together by. */
export const propertyChunking: z.ZodType<PropertyChunking> = z
  .object({
    property_limit_type: z.enum(["characters", "property_count"]).default("property_count"),
    property_limit: z.int().nullish(),
    record_merge_strategy: z.object({ key: z.union([z.string(), z.array(z.string()).min(1)]) }).nullish(),
  })
  .transform(({ property_limit_type: type, property_limit: limit, record_merge_strategy: strategy }) => ({
    limit: limit === 0 ? null : (limit ?? null),
    countsCharacters: type === "characters",
    mergeKeyOf: (record) => keyOf(record, [strategy?.key ?? "id"].flat()),
  }));

/** Properties cut into what one request may ask for, each with those that every request asks for. */
export function chunked(
  names: readonly string[],
  always: readonly string[],
  { limit, countsCharacters }: PropertyChunking,
): readonly (readonly string[])[] {
  if (limit === null) return [[...names, ...always]];
  const chunks: string[][] = [];
  let chunk = [...always];
  let size = 0;
  for (const name of names) {
    const length = countsCharacters ? Array.from(name).length + DELIMITER_LENGTH : 1;
    if (size + length > limit) {
      chunks.push(chunk);
      chunk = [...always];
      size = 0;
    }
    chunk.push(name);
    size += length;
  }
  return [...chunks, chunk];
}

function keyOf(record: Readonly<Record<string, unknown>>, names: readonly string[]): string | null {
  const values = names.map((name) => admit(Object.hasOwn(record, name) ? record[name] : null));
  return values.every(isTrue) ? values.map(str).join(",") : null;
}
