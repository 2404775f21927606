import { z } from "zod";

import { gzipText } from "#core/gzip";
import type { JsonObject } from "#core/json";
import type { CustomSource, CustomSourceTexts } from "#records/custom-source-repository";
import { compileResolved, type CompiledManifest } from "#sources/manifest/compile";
import { ManifestError } from "#sources/manifest/document/manifest-error";
import { parseDocument } from "#sources/manifest/document/parse-document";
import { isTooLong, MAX_DOCUMENT_LENGTH, MAX_PACKED_BYTES, storable } from "#sources/manifest/stored-manifest";
import { invalid } from "./issues.ts";

/** What a manifest says of itself, where it says something. */
const metadataSchema = z.object({
  description: z.string().optional().catch(undefined),
  metadata: z
    .object({
      name: z.string().optional().catch(undefined),
      description: z.string().optional().catch(undefined),
      labels: z.array(z.string()).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});

export interface GivenTitle {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly labels?: readonly string[] | undefined;
}

type Checked = Pick<CustomSource, "name" | "description" | "labels" | "continuous"> & CustomSourceTexts;

/** Checks a manifest that an organization brings. Refuses with 422, with the places in the manifest. */
export async function checkedManifest(shortName: string, given: GivenTitle, manifest: string): Promise<Checked> {
  try {
    const { parsed, resolved, compiled } = readManifest(manifest);
    refuseIfNothingRuns(compiled);
    const texts = { manifest: await gzipText(manifest), document: await gzipText(JSON.stringify(resolved)) };
    refuseIfTooLarge(texts);
    const own = ownTitle(parsed);
    return {
      name: given.name ?? own.name ?? shortName,
      description: given.description ?? own.description ?? "",
      labels: given.labels ?? own.labels ?? [],
      continuous: compiled.streams.some(({ incremental, build }) => incremental && build !== null),
      ...texts,
    };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    throw invalid(
      error.issues.map(({ path, message }) => ({
        loc: ["body", "manifest", ...path],
        msg: message,
        type: "manifest_invalid",
      })),
    );
  }
}

interface ReadManifest {
  readonly parsed: JsonObject;
  /** As it is kept for jobs. */
  readonly resolved: JsonObject;
  readonly compiled: CompiledManifest;
}

/** @throws ManifestError */
export function readManifest(text: string): ReadManifest {
  const parsed = parseDocument(text);
  const resolved = storable(parsed);
  if (isTooLong(resolved)) {
    throw tooLarge(
      `With its references resolved the manifest has more than ${MAX_DOCUMENT_LENGTH} characters, the most that it may have.`,
    );
  }
  return { parsed, resolved, compiled: compileResolved(resolved) };
}

/** What a manifest says of itself. */
export function ownTitle(parsed: JsonObject): GivenTitle {
  const { description, metadata } = metadataSchema.parse(parsed);
  return { ...metadata, description: metadata?.description ?? description };
}

/** Some streams that can't run are shown in the catalogue; a source of which nothing runs is of no use. */
function refuseIfNothingRuns({ streams, dynamicStreams }: CompiledManifest): void {
  const all = [...streams, ...dynamicStreams];
  if (all.some(({ build }) => build !== null)) return;
  throw new ManifestError(all.flatMap(({ findings }) => findings));
}

/** D1's rows end at 2 MB. */
const MAX_ROW_BYTES = 1_900_000;

/** Manifests shrink to a tenth, or much less; one that does not is something else. */
function refuseIfTooLarge({ manifest, document }: CustomSourceTexts): void {
  if (document.byteLength <= MAX_PACKED_BYTES && manifest.byteLength + document.byteLength <= MAX_ROW_BYTES) return;
  throw tooLarge(
    "Even compressed the manifest is too large to be kept. Leave out what is not needed to read, such as examples and embedded data.",
  );
}

function tooLarge(message: string): ManifestError {
  return new ManifestError([{ path: [], message }]);
}
