import { z } from "zod";

import type { Json, JsonObject } from "#core/json";
import type { Definition } from "#sources/manifest/component";
import { ManifestError } from "#sources/manifest/document/manifest-error";
import { issuesIn } from "#sources/manifest/finding";
import type { MutableRecord } from "#sources/manifest/record/record";
import { SourceFailure, type SettingsFault } from "#sources/source";
import { configTransformation, configValidation } from "./config-rule.ts";
import { faultsOf } from "./input-schema.ts";
import { inputType } from "./input-type.ts";
import {
  isSecret,
  mergeSecrets,
  onlySecrets,
  secretFieldsIn,
  secretsShown,
  splitSecrets,
  strangersAmong,
  withoutSecrets,
  type Split,
} from "./secret-fields.ts";

/** What a connection has to bring, and what happens to it before components see it. */
export interface Spec {
  /** JSON Schema of config and credentials together, as the manifest has it. */
  readonly schema: JsonObject;
  readonly documentationUrl: string | null;
  /** What may be shown of an input, checked and completed. */
  readonly config: z.ZodType<JsonObject>;
  /** What is secret (`airbyte_secret` in the schema). */
  readonly credentials: z.ZodType<JsonObject>;
  /** What the two lack together, each sound by itself: which secrets there have to be may depend on the config. */
  settingsFaults(config: JsonObject, credentials: JsonObject): readonly SettingsFault[];
  split(input: JsonObject): Split;
  /** Rules for a config in an older or sloppier form. Built with a scope that has no config yet. */
  readonly rules: Definition<ConfigRules>;
}

export interface ConfigRules {
  /** The config that components see. */
  transform(given: JsonObject): JsonObject;
  /** Throws SourceFailure of kind `bad_request` where the schema or the manifest's own rules refuse the config. */
  validate(given: JsonObject): void;
}

const objectSchema = z.record(z.string(), z.json());

const specSchema = z.object({
  connection_specification: z.record(z.string(), z.json()).default({}),
  documentation_url: z.string().nullish(),
  config_normalization_rules: z
    .object({
      config_migrations: z.array(z.object({ transformations: z.array(configTransformation.schema) })).default([]),
      transformations: z.array(configTransformation.schema).default([]),
      validations: z.array(configValidation.schema).default([]),
    })
    .nullish(),
});

/** @throws ManifestError */
export function parseSpec(spec: Json): Spec {
  const parsed = specSchema.safeParse(spec ?? {});
  if (!parsed.success) throw new ManifestError(issuesIn(parsed.error, ["spec"]));
  const { connection_specification: schema, documentation_url: url, config_normalization_rules: rules } = parsed.data;
  const secrets = secretFieldsIn(schema);
  const transformations = [
    ...(rules?.config_migrations ?? []).flatMap((migration) => migration.transformations),
    ...(rules?.transformations ?? []),
  ];
  const known = checkable(schema);
  return {
    schema: known,
    documentationUrl: url ?? null,
    config: inputType(withoutSecrets(known, secrets), (input) => secretsShown(input, secrets)),
    credentials: inputType(onlySecrets(known, secrets), (input) => strangersAmong(input, secrets, known)),
    settingsFaults: (config, credentials) =>
      faultsOf(mergeSecrets(config, credentials), known).map(({ path, kind, message }) => ({
        place: isSecret(path, secrets) ? "credentials" : "config",
        path,
        isMissing: kind === "missing",
        message,
      })),
    split: (input) => splitSecrets(input, secrets),
    rules: (scope) => {
      const transform = (given: JsonObject): JsonObject => {
        const changed: MutableRecord = structuredClone(given);
        for (const transformation of transformations) transformation(scope).transform(changed);
        return objectSchema.parse(changed);
      };
      return {
        transform,
        validate(given) {
          const transformed = transform(given);
          const faults = [
            ...faultsOf(given, known).map(({ path, message }) => `${path.join(".")}: ${message}`),
            ...(rules?.validations ?? []).flatMap((validation) => validation(scope).faults({ ...transformed })),
          ];
          if (faults.length === 0) return;
          const message = `The config is not valid. ${faults.join(" ")}`;
          throw new SourceFailure({ kind: "bad_request", message: scope.http.redact(message), final: true });
        },
      };
    },
  };
}

/** Is this a schema that inputs can be checked by? One with references that lead nowhere throws when it is used. */
function checkable(schema: JsonObject): JsonObject {
  try {
    faultsOf({}, schema);
    return schema;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ManifestError([
      { path: ["spec", "connection_specification"], message: `This JSON schema can't be used: ${reason}` },
    ]);
  }
}
