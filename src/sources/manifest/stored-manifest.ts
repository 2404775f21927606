import { z } from "zod";

import { gunzipText } from "#core/gzip";
import { isJsonObject, type Json, type JsonObject } from "#core/json";
import { compileResolved, resolveManifest } from "./compile.ts";
import { ManifestDefinition } from "./manifest-definition.ts";
import { manifestWarnings } from "./warnings.ts";

/** A manifest as it is kept for jobs: checked, resolved, and without what is not needed to read. */
export const storedManifestSchema = z.object({
  organizationId: z.string(),
  shortName: z.string(),
  name: z.string(),
  description: z.string(),
  labels: z.array(z.string()),
  /** Counts replacements. */
  version: z.int(),
  /** Another for each manifest that there ever was. */
  revision: z.string(),
  /** Has it a stream that can be read incrementally? */
  continuous: z.boolean(),
  /** The document's JSON, as gzip in base64. */
  document: z.string(),
});
export type StoredManifest = z.infer<typeof storedManifestSchema>;

/**
 * Most characters that the JSON of a document may have. References put the same text into many places, so it can be
 * far longer than the manifest; this keeps it to a fraction of a Worker's memory.
 */
export const MAX_DOCUMENT_LENGTH = 8_000_000;

/** Most bytes of a document's gzip: an object's row ends at 2 MB, and base64 takes a third more. */
export const MAX_PACKED_BYTES = 1_400_000;

/** Compiled manifests kept in an isolate. A slice is shorter than compiling a large one takes. */
const KEPT = 50;

const compiled = new Map<string, Promise<ManifestDefinition>>();

/** The manifest as a source. Compiled once in an isolate for each revision, whatever connection uses it. */
export function definitionOf(stored: StoredManifest): Promise<ManifestDefinition> {
  const definition = compiled.get(stored.revision) ?? opened(stored);
  definition.catch(() => compiled.delete(stored.revision));
  // The one that was used last goes last.
  compiled.delete(stored.revision);
  compiled.set(stored.revision, definition);
  const [oldest] = compiled.keys();
  if (compiled.size > KEPT && oldest !== undefined) compiled.delete(oldest);
  return definition;
}

const documentSchema = z.record(z.string(), z.json());

async function opened(stored: StoredManifest): Promise<ManifestDefinition> {
  const text = await gunzipText(Uint8Array.fromBase64(stored.document));
  const document = documentSchema.parse(JSON.parse(text));
  const manifest = compileResolved(document);
  const { shortName, name, description, labels } = stored;
  return new ManifestDefinition(
    shortName,
    () => ({ shortName, name, description, labels }),
    () => manifest,
    manifestWarnings(document, document),
  );
}

/** Has the JSON of a document more characters than it may have? Stops counting there. */
export function isTooLong(document: Json): boolean {
  let left = MAX_DOCUMENT_LENGTH;
  const count = (node: Json): void => {
    if (left < 0) return;
    if (typeof node === "string") left -= node.length + 2;
    else if (Array.isArray(node)) for (const item of node) count(item);
    else if (isJsonObject(node)) {
      for (const key of Object.keys(node)) {
        left -= key.length + 4;
        count(node[key] ?? null);
      }
    } else left -= 4;
  };
  count(document);
  return left < 0;
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
