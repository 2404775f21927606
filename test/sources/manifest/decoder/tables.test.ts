import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";
import { z } from "zod";

import { parseExactly } from "#core/exact-json";
import { decoder } from "#sources/manifest/decoder/decoder";
import { joinComponents } from "#sources/manifest/registry";
import { SourceFailure } from "#sources/source";
import { manifestScope } from "#test/support/manifest-scope";

/* The table says what the CDK found in bodies; oracle.py beside it made it. */

joinComponents();

const table = z
  .array(
    z.object({
      decoder: z.looseObject({ type: z.string() }),
      headers: z.record(z.string(), z.string()),
      body: z.base64(),
      documents: z.array(z.unknown()),
      error: z.string().optional(),
    }),
  )
  .parse(parseExactly(readFileSync(join(import.meta.dirname, "tables.json"), "utf8")));

/** On purpose: for the CDK an empty list is an empty object, which would be the same as a body with nothing in it. */
const EMPTY_LIST = btoa("[]");

const cases = table.map((entry) => ({
  ...entry,
  documents: entry.body === EMPTY_LIST && entry.decoder.type === "JsonDecoder" ? [[]] : entry.documents,
  name: `${JSON.stringify(entry.decoder)} of ${JSON.stringify(Buffer.from(entry.body, "base64").toString().slice(0, 60))}`,
}));

async function decoded(definition: unknown, headers: Readonly<Record<string, string>>, bytes: Uint8Array) {
  try {
    return await decoder.schema.parse(definition)(manifestScope({})).decode({
      bytes,
      headers,
      url: "https://api.example.com/",
    });
  } catch (error) {
    if (error instanceof SourceFailure) return error.failure.kind;
    throw error;
  }
}

describe("bodies are read as the Python CDK reads them", () => {
  test.each(cases)("$name", async ({ decoder: definition, headers, body, documents, error }) => {
    const found = await decoded(definition, headers, new Uint8Array(Buffer.from(body, "base64")));
    expect(found).toEqual(error === undefined ? documents : "bad_response");
  });
});
