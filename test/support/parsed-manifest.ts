import type { JsonObject } from "#core/json";
import { compileManifest, type CompiledManifest } from "#sources/manifest/compile";
import { parseDocument } from "#sources/manifest/document/parse-document";

const documents = new Map<string, JsonObject>();
const manifests = new Map<string, CompiledManifest>();

/** The manifest as a document. A large one takes a tenth of a second, and tests come back to it. */
export function documentOf(text: string): JsonObject {
  const known = documents.get(text);
  if (known !== undefined) return known;
  const document = parseDocument(text);
  documents.set(text, document);
  return document;
}

/** The manifest compiled, likewise. Throws ManifestError where it can't be. */
export function compiledManifest(text: string): CompiledManifest {
  const known = manifests.get(text);
  if (known !== undefined) return known;
  const compiled = compileManifest(documentOf(text));
  manifests.set(text, compiled);
  return compiled;
}
