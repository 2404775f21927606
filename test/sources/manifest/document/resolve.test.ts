import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";
import { z } from "zod";

import type { Json } from "#core/json";
import { isJsonObject } from "#core/json";
import { parseDocument } from "#sources/manifest/document/parse-document";
import { propagateParameters } from "#sources/manifest/document/parameters";
import { resolveReferences } from "#sources/manifest/document/references";
import { hasPublishedManifests, PUBLISHED_MANIFESTS } from "#test/support/published-manifests";

const ROOT = join(import.meta.dirname, "../../../..");
const digestsSchema = z.record(z.string(), z.object({ references: z.string(), parameters: z.string() }));
const DIGESTS = digestsSchema.parse(
  JSON.parse(readFileSync(join(ROOT, "test/sources/manifest/oracle/resolved.json"), "utf8")),
);

const skip = !hasPublishedManifests;
test.each(Object.entries(DIGESTS))("%s resolves as the Python CDK resolves it", { skip }, (file, expected) => {
  const text = readFileSync(join(PUBLISHED_MANIFESTS, file), "utf8");
  const manifest = { type: "DeclarativeSource", ...parseDocument(text) };
  const resolved = resolveReferences(manifest);
  const references = digest(resolved);
  const parameters = digest(propagateParameters(resolved));
  expect({ references, parameters }).toEqual(expected);
});

function digest(value: Json): string {
  return createHash("sha256").update(canonical(value)).digest("hex");
}

/** As Python's json.dumps with sorted keys; it writes 1e-08 where JavaScript writes 1e-8. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value).replace(/^(-?[\d.]+e-)(\d)$/, "$10$2");
  const fields = Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`);
  return `{${fields.join(",")}}`;
}
