import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { isRecord, replaceFields, type MutableRecord } from "#sources/manifest/record/record";
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

/** `HTTPStatusCode 2` becomes `httpstatus_code_2`, `2fa` becomes `_2_fa`. */
function snakeCase(key: string): string {
  const plain = key.normalize("NFKD").replaceAll(/\p{M}/gu, "");
  const tokens = Array.from(plain.matchAll(/[A-Z]+[a-z]*|[a-z]+|\d+|[^a-zA-Z\d]+/g), ([token]) =>
    /^[a-zA-Z\d]/.test(token) ? token.toLowerCase() : "",
  );
  const kept = tokens.filter((token, index) => token !== "" || index === 0 || index === tokens.length - 1);
  const beginsWithDigit = /^\d/.test(kept[0] ?? "");
  return [...(beginsWithDigit ? [""] : []), ...kept].join("_");
}
