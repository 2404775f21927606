import { z } from "@hono/zod-openapi";

import { fieldsOf } from "#http/field-list";
import { ownTitle, readManifest } from "#http/custom-source";
import { ManifestError } from "#sources/manifest/document/manifest-error";
import { resolveManifest } from "#sources/manifest/compile";
import { manifestWarnings } from "#sources/manifest/warnings";
import { fieldsSchema, streamNoteBody, streamNoteSchema } from "./source.ts";

const issueSchema = z.object({ path: z.array(z.string()), message: z.string() });

export const manifestCheckSchema = z
  .object({
    can_be_used: z.boolean().openapi({ description: "Could it be registered? At least one stream has to run." }),
    issues: z
      .array(issueSchema)
      .openapi({ description: "What keeps the whole manifest from running, with its places in the manifest." }),
    warnings: z
      .array(issueSchema)
      .openapi({ description: "What is probably a mistake, though it keeps nothing from running." }),
    name: z.string().nullable().openapi({ description: "What the manifest's `metadata` says of itself." }),
    description: z.string().nullable(),
    labels: z.array(z.string()),
    streams: z.array(streamNoteSchema),
    dynamic_streams: z
      .array(streamNoteSchema.pick({ name: true, supported: true, findings: true }))
      .openapi({ description: "Streams that only the config or the API tells." }),
    auth_fields: fieldsSchema.nullable(),
    config_fields: fieldsSchema.nullable(),
  })
  .openapi("ManifestCheck");
export type ManifestCheckBody = z.infer<typeof manifestCheckSchema>;

/** What of a manifest can run, and why the rest can't. */
export function manifestCheckBody(text: string): ManifestCheckBody {
  try {
    return usableBody(text);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return {
      can_be_used: false,
      issues: error.issues.map(({ path, message }) => ({ path: [...path], message })),
      warnings: [],
      name: null,
      description: null,
      labels: [],
      streams: [],
      dynamic_streams: [],
      auth_fields: null,
      config_fields: null,
    };
  }
}

/** @throws ManifestError */
function usableBody(text: string): ManifestCheckBody {
  const { parsed, compiled } = readManifest(text);
  const own = ownTitle(parsed);
  const notes = compiled.streams.map((stream) => streamNoteBody({ ...stream, supported: stream.build !== null }));
  const dynamic = compiled.dynamicStreams.map(({ name, findings, build }) =>
    streamNoteBody({ name, findings, supported: build !== null, primaryKey: null, incremental: false }),
  );
  return {
    can_be_used: [...notes, ...dynamic].some(({ supported }) => supported),
    issues: [],
    warnings: manifestWarnings(parsed, resolveManifest(parsed)).map(({ path, message }) => ({
      path: [...path],
      message,
    })),
    name: own.name ?? null,
    description: own.description ?? null,
    labels: [...(own.labels ?? [])],
    streams: notes,
    dynamic_streams: dynamic.map(({ name, supported, findings }) => ({ name, supported, findings })),
    auth_fields: { fields: fieldsOf(compiled.spec.credentials, { secret: true }) },
    config_fields: { fields: fieldsOf(compiled.spec.config, { secret: false }) },
  };
}
