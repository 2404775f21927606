import { z } from "zod";

import type { CustomSource, CustomSourceTexts } from "#records/custom-source-repository";
import { compileResolved, type CompiledManifest } from "#sources/manifest/compile";
import { ManifestError } from "#sources/manifest/document/manifest-error";
import { parseDocument } from "#sources/manifest/document/parse-document";
import { MAX_DOCUMENT_LENGTH, storable } from "#sources/manifest/stored-manifest";
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
export function checkedManifest(shortName: string, given: GivenTitle, manifest: string): Checked {
  try {
    const parsed = parseDocument(manifest);
    const resolved = storable(parsed);
    const compiled = compileResolved(resolved);
    const document = JSON.stringify(resolved);
    if (document.length > MAX_DOCUMENT_LENGTH) {
      throw new ManifestError([
        {
          path: [],
          message: `With its references resolved the manifest has ${document.length} characters, ${MAX_DOCUMENT_LENGTH} are allowed.`,
        },
      ]);
    }
    refuseIfNothingRuns(compiled);
    const { description, metadata } = metadataSchema.parse(parsed);
    return {
      name: given.name ?? metadata?.name ?? shortName,
      description: given.description ?? metadata?.description ?? description ?? "",
      labels: given.labels ?? metadata?.labels ?? [],
      continuous: compiled.streams.some(({ incremental, build }) => incremental && build !== null),
      manifest,
      document,
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

/** Some streams that can't run are shown in the catalogue; a source of which nothing runs is of no use. */
function refuseIfNothingRuns({ streams, dynamicStreams }: CompiledManifest): void {
  const all = [...streams, ...dynamicStreams];
  if (all.some(({ build }) => build !== null)) return;
  throw new ManifestError(all.flatMap(({ findings }) => findings));
}
