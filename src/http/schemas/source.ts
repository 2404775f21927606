import { z } from "@hono/zod-openapi";

import { fieldsOf, jsonSchemaOf } from "#http/field-list";
import type { Source, StreamNote } from "#sources/source";
import { jsonObject } from "./authentication.ts";

const fieldSchema = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  type: z.string(),
  required: z.boolean(),
  items_type: z.string().nullable(),
  feature_flag: z.string().nullable(),
  is_secret: z.boolean(),
  enum_values: z.array(z.string()).nullable(),
});
const remarkSchema = z.object({ path: z.array(z.string()), message: z.string() });
const findingSchema = remarkSchema.extend({ custom_class: z.string().nullable() });
export const streamNoteSchema = z.object({
  /** A name that needs the config stays as it stands in the manifest. */
  name: z.string(),
  primary_key: z.array(z.array(z.string())).nullable(),
  is_incremental: z.boolean(),
  supported: z.boolean(),
  findings: z.array(findingSchema),
});
export const fieldsSchema = z.object({ fields: z.array(fieldSchema) }).openapi("Fields");

export const sourceSchema = z
  .object({
    name: z.string(),
    description: z.string().nullable(),
    auth_methods: z.array(z.string()).nullable(),
    oauth_type: z.string().nullable(),
    requires_byoc: z.boolean(),
    auth_config_class: z.string().nullable(),
    config_class: z.string().nullable(),
    short_name: z.string(),
    class_name: z.string(),
    output_entity_definitions: z.array(z.string()),
    labels: z.array(z.string()).nullable(),
    supports_continuous: z.boolean(),
    federated_search: z.boolean(),
    supports_temporal_relevance: z.boolean(),
    supports_access_control: z.boolean(),
    rate_limit_level: z.string().nullable(),
    feature_flag: z.string().nullable(),
    supports_browse_tree: z.boolean(),
    auth_fields: fieldsSchema.nullable(),
    config_fields: fieldsSchema,
    supported_auth_providers: z.array(z.string()).nullable(),
    /** Null where the streams depend on the configuration. */
    streams: z.array(streamNoteSchema).nullable(),
    /** What describes streams that only a connection's config, or the API, tells. */
    dynamic_streams: z.array(streamNoteSchema.pick({ name: true, supported: true, findings: true })),
    /** What in a manifest is probably a mistake, though it keeps nothing from running. */
    warnings: z.array(remarkSchema),
    is_custom: z.boolean(),
    /** Of a custom source: grows with each replacement. */
    version: z.int().nullable(),
    /** The manifest as it was sent, where it was asked for. */
    manifest: z.string().nullable(),
    /** Where they were asked for. */
    schemas: z
      .object({ config: jsonObject, credentials: jsonObject })
      .nullable()
      .openapi({ description: "JSON Schemas of config and credentials, for forms: with `include=schemas`." }),
  })
  .openapi("Source");
export type SourceBody = z.infer<typeof sourceSchema>;

export interface CustomPart {
  readonly version: number;
  readonly manifest: string | null;
}

interface Wanted {
  readonly schemas: boolean;
}

/** `custom` for a source that the organization brought. */
export function sourceBody(
  source: Source,
  custom: CustomPart | null = null,
  wanted: Wanted = { schemas: false },
): SourceBody {
  return {
    name: source.name,
    description: source.description,
    auth_methods: ["direct"],
    oauth_type: null,
    requires_byoc: false,
    auth_config_class: null,
    config_class: null,
    short_name: source.shortName,
    class_name: `${pascalCase(source.shortName)}Source`,
    output_entity_definitions: [...source.streamNames],
    labels: [...source.labels],
    supports_continuous: source.continuous,
    federated_search: false,
    supports_temporal_relevance: false,
    supports_access_control: false,
    rate_limit_level: null,
    feature_flag: null,
    supports_browse_tree: false,
    auth_fields: { fields: fieldsOf(source.credentials, { secret: true }) },
    config_fields: { fields: fieldsOf(source.config, { secret: false }) },
    supported_auth_providers: [],
    streams: source.streamNotes?.map(streamNoteBody) ?? null,
    dynamic_streams: (source.dynamicStreamNotes ?? []).map(({ name, supported, findings }) => ({
      name,
      supported,
      findings: findingsIn(findings),
    })),
    warnings: (source.warnings ?? []).map(({ path, message }) => ({ path: [...path], message })),
    is_custom: custom !== null,
    version: custom?.version ?? null,
    manifest: custom?.manifest ?? null,
    schemas: wanted.schemas
      ? { config: jsonSchemaOf(source.config), credentials: jsonSchemaOf(source.credentials) }
      : null,
  };
}

export function streamNoteBody({ name, primaryKey, incremental, supported, findings }: StreamNote) {
  return {
    name,
    primary_key: primaryKey === null ? null : primaryKey.map((path) => [...path]),
    is_incremental: incremental,
    supported,
    findings: findingsIn(findings),
  };
}

function findingsIn(findings: StreamNote["findings"]): z.infer<typeof findingSchema>[] {
  return findings.map(({ path, message, customClass }) => ({ path: [...path], message, custom_class: customClass }));
}

/** `google_drive` becomes `GoogleDrive`. */
function pascalCase(snakeCase: string): string {
  return snakeCase.replaceAll(/(?:^|_)([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}
