import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { isRecord, replaceFields, type MutableRecord } from "#sources/manifest/record/record";
import { asciiOf } from "./ascii.ts";
import type { Transformation } from "./transformation.ts";

export const keysToSnakeCase = defineComponent({
  type: "KeysToSnakeCase",
  fields: z.object({}),
  build: (): Transformation => ({ apply: (record) => replaceFields(record, snakeCased(record)) }),
});

/** Objects in objects too, but none in lists. */
function snakeCased(record: MutableRecord): [string, unknown][] {
  return Object.entries(record).map(([key, value]) => [
    snakeCase(key),
    isRecord(value) ? Object.fromEntries(snakeCased(value)) : value,
  ]);
}

/** A word of a key: letters that belong together, digits, or what is between words. */
const TOKENS = /[A-Z]+[a-z]*|[a-z]+|\d+|(?:(?![a-zA-Z\d])[\p{L}\p{N}])+|[^\p{L}\p{N}]+/gu;

/** `HTTPStatusCode 2` becomes `httpstatus_code_2`, `2fa` becomes `_2_fa`. */
function snakeCase(key: string): string {
  const tokens = Array.from(asciiOf(key).matchAll(TOKENS), ([token]) =>
    /^[\p{L}\p{N}]/u.test(token) ? token.toLowerCase() : "",
  );
  const kept = tokens.filter((token, index) => token !== "" || index === 0 || index === tokens.length - 1);
  const beginsWithDigit = /^\d/.test(kept[0] ?? "");
  return [...(beginsWithDigit ? [""] : []), ...kept].join("_");
}
