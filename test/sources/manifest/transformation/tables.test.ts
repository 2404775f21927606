import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";
import { z } from "zod";

import { parseExactly } from "#core/exact-json";
import type { JsonObject } from "#core/json";
import { viewOf } from "#sources/manifest/stream-slice";
import { TemplateError } from "#sources/manifest/template/template-error";
import { addFields } from "#sources/manifest/transformation/add-fields";
import { dpathFlattenFields } from "#sources/manifest/transformation/dpath-flatten-fields";
import { flattenFields } from "#sources/manifest/transformation/flatten-fields";
import { keysReplace } from "#sources/manifest/transformation/keys-replace";
import { keysToLower } from "#sources/manifest/transformation/keys-to-lower";
import { keysToSnakeCase } from "#sources/manifest/transformation/keys-to-snake-case";
import { removeFields } from "#sources/manifest/transformation/remove-fields";
import { SourceFailure } from "#sources/source";
import { manifestScope } from "#test/support/manifest-scope";

/* The table says what the CDK made of records; oracle.py beside it made it. */

const object = z.custom<JsonObject>((value) => typeof value === "object" && value !== null);
const table = z
  .array(
    z.object({
      transformation: z.looseObject({ type: z.string() }),
      record: object,
      result: z.unknown().optional(),
      error: z.string().optional(),
    }),
  )
  .parse(parseExactly(readFileSync(join(import.meta.dirname, "tables.json"), "utf8")));

const KINDS = [addFields, removeFields, keysToLower, keysToSnakeCase, keysReplace, flattenFields, dpathFlattenFields];
const CONFIG = { name: "n", index: 1 };
const view = viewOf({
  partition: { id: 7 },
  cursorSlice: { start_time: "2026-01-01", end_time: "2026-02-01" },
  extraFields: {},
});
const OCCASION = { stream_slice: view, stream_partition: view, stream_interval: view };

const cases = table.map(({ transformation, record, ...outcome }) => ({
  transformation,
  record,
  outcome,
  name: `${JSON.stringify(transformation)} of ${JSON.stringify(record).slice(0, 60)}`,
}));

function transformed(definition: { readonly type: string }, given: JsonObject): unknown {
  const kind = KINDS.find(({ type }) => type === definition.type);
  if (kind === undefined) throw new Error(`${definition.type} is not tested here`);
  const record: Record<string, unknown> = structuredClone(given);
  try {
    kind.schema.parse(definition)(manifestScope(CONFIG)).apply(record, OCCASION);
    return record;
  } catch (error) {
    if (error instanceof SourceFailure || error instanceof TemplateError) return "an error";
    throw error;
  }
}

describe("records become what the Python CDK makes of them", () => {
  test.each(cases)("$name", ({ transformation, record, outcome }) => {
    expect(transformed(transformation, record)).toEqual(outcome.error === undefined ? outcome.result : "an error");
  });
});
