import { z } from "zod";

import { isJsonObject, type JsonObject } from "#core/json";
import { compileResolved, resolveManifest } from "./compile.ts";
import { ManifestDefinition } from "./manifest-definition.ts";

/** A manifest as it is kept for jobs: checked, resolved, and without what is not needed to read. */
export const storedManifestSchema = z.object({
  organizationId: z.string(),
  shortName: z.string(),
  name: z.string(),
  description: z.string(),
  labels: z.array(z.string()),
  /** Grows with each replacement. */
  version: z.int(),
  /** Has it a stream that can be read incrementally? */
  continuous: z.boolean(),
  document: z.record(z.string(), z.json()),
});
export type StoredManifest = z.infer<typeof storedManifestSchema>;

/** Longest document: an object's row ends at 2 MB, and it is stored with a little around it. */
export const MAX_DOCUMENT_LENGTH = 1_900_000;

/** Compiled manifests kept in an isolate. A slice is shorter than compiling a large one takes. */
const KEPT = 50;

const compiled = new Map<string, ManifestDefinition>();

/** The manifest as a source. Compiled once in an isolate for each version, whatever connection uses it. */
export function definitionOf(stored: StoredManifest): ManifestDefinition {
  const key = JSON.stringify([stored.organizationId, stored.shortName, stored.version]);
  const definition =
    compiled.get(key) ??
    new ManifestDefinition(
      stored.shortName,
      () => stored,
      () => compileResolved(stored.document),
    );
  // The one that was used last goes last.
  compiled.delete(key);
  compiled.set(key, definition);
  const [oldest] = compiled.keys();
  if (compiled.size > KEPT && oldest !== undefined) compiled.delete(oldest);
  return definition;
}

/** What is kept of a manifest: JSON schemas of streams only where values are cast by them. */
export function storable(document: JsonObject): JsonObject {
  const resolved = resolveManifest(document);
  const { streams } = resolved;
  return Array.isArray(streams) ? { ...resolved, streams: streams.map(withoutSchema) } : resolved;
}

function withoutSchema(stream: JsonObject[string]): JsonObject[string] {
  if (!isJsonObject(stream) || castsBySchema(stream)) return stream;
  const loader = stream["schema_loader"];
  if (!isJsonObject(loader) || loader["type"] !== "InlineSchemaLoader") return stream;
  return Object.fromEntries(Object.entries(stream).filter(([field]) => field !== "schema_loader"));
}

function castsBySchema({ retriever }: JsonObject): boolean {
  const selector = isJsonObject(retriever) ? retriever["record_selector"] : undefined;
  return isJsonObject(selector) && selector["schema_normalization"] === "Default";
}
