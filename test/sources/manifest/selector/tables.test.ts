import { readFileSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

import { parseExactly } from "#core/exact-json";
import type { JsonObject } from "#core/json";
import { jsonDecoder } from "#sources/manifest/decoder/json-decoder";
import { combinedExtractor } from "#sources/manifest/selector/combined-extractor";
import { dpathExtractor } from "#sources/manifest/selector/dpath-extractor";
import { extractor } from "#sources/manifest/selector/extractor";
import { listRecordExpander } from "#sources/manifest/selector/list-record-expander";
import { recordExpander } from "#sources/manifest/selector/record-expander";
import { responseToFileExtractor } from "#sources/manifest/selector/response-to-file-extractor";
import { normalizeBySchema } from "#sources/manifest/selector/schema-normalization";
import { SourceFailure } from "#sources/source";
import { manifestScope } from "#test/support/manifest-scope";

/* The tables say what the CDK found, and cast; oracle.py beside them made them. */

beforeAll(() => {
  extractor.join([dpathExtractor, combinedExtractor, responseToFileExtractor]);
  recordExpander.join([listRecordExpander]);
});

const read = (name: string) => parseExactly(readFileSync(join(import.meta.dirname, name), "utf8"));
const object = z.custom<JsonObject>((value) => typeof value === "object" && value !== null);

const extractions = z
  .array(
    z.object({
      extractor: z.looseObject({ type: z.string() }),
      body: z.string(),
      records: z.array(z.unknown()).optional(),
      error: z.string().optional(),
    }),
  )
  .parse(read("extracted.json"))
  .map((entry) => ({
    ...entry,
    name: `${JSON.stringify(entry.extractor)} in ${JSON.stringify(entry.body.slice(0, 50))}`,
  }));

async function extracted(definition: unknown, body: string) {
  const scope = manifestScope({ field: "items", index: 0 });
  try {
    const found = extractor.schema.parse(definition)(scope);
    const bytes = new TextEncoder().encode(body);
    const documents = await (found.decoder ?? jsonDecoder(scope)).decode({
      bytes,
      headers: {},
      url: "https://x.example",
    });
    return found.extract(documents).records;
  } catch (error) {
    if (error instanceof SourceFailure) return "a failure";
    throw error;
  }
}

describe("the records are those that the Python CDK finds", () => {
  test.each(extractions)("$name", async ({ extractor: definition, body, records, error }) => {
    expect(await extracted(definition, body)).toEqual(error === undefined ? records : "a failure");
  });
});

const normalizations = z
  .array(z.object({ record: object, schema: object, result: object }))
  .parse(read("normalized.json"))
  .map((entry) => ({ ...entry, name: `${JSON.stringify(entry.record)} to ${JSON.stringify(entry.schema)}` }));

describe("values are cast as the Python CDK casts them", () => {
  test.each(normalizations)("$name", ({ record, schema, result }) => {
    expect(JSON.stringify(normalizeBySchema(record, schema))).toBe(JSON.stringify(result));
  });
});
