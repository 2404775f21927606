import type { Config } from "#config";
import { Refused } from "#core/errors";
import { isJsonObject, type JsonObject } from "#core/json";
import { findCustomSource } from "#records/custom-source-repository";
import { definitionOf, storedManifestSchema, type StoredManifest } from "#sources/manifest/stored-manifest";
import { findSource } from "#sources/registry";
import type { Source } from "#sources/source";
import { fieldsOf } from "./field-list.ts";
import { invalid, issuesOf } from "./issues.ts";

export interface NamedSource {
  readonly source: Source;
  /** What the source's object keeps of it, where the organization brought it. */
  readonly manifest: StoredManifest | null;
}

const PLACES = { config: ["body", "config"], credentials: ["body", "authentication", "credentials"] } as const;

/** The source of this name, for a caller that wants to connect it. Refuses with 404. */
export async function sourceNamed(...named: Parameters<typeof findNamedSource>): Promise<NamedSource> {
  const found = await findNamedSource(...named);
  if (found === null) throw new Refused({ code: "not_found", message: `Source '${named[0]}' not found` });
  return found;
}

/** The source of this name, one that comes with Sluice or the organization's own; null where there is none. */
export async function findNamedSource(
  shortName: string,
  organizationId: string,
  config: Config,
  db: D1Database,
): Promise<NamedSource | null> {
  const source = findSource(shortName, { internal: config.ENABLE_INTERNAL_SOURCES });
  if (source !== null) return { source, manifest: null };
  const found = await findCustomSource(db, organizationId, shortName);
  if (found === null) return null;
  const manifest = storedManifestSchema.parse({ ...found, document: found.document.toBase64() });
  return { source: await definitionOf(manifest), manifest };
}

/** A source's configuration as its schema completes it. Refuses with the schema's findings. */
export function completeConfig(source: Source, input: JsonObject | null): JsonObject {
  return complete(source.config, input ?? {}, PLACES.config);
}

/** Refuses with what the two lack together, where each is sound by itself. */
export function refuseMismatch(source: Source, config: JsonObject, credentials: JsonObject): void {
  const faults = source.settingsFaults?.(config, credentials) ?? [];
  if (faults.length === 0) return;
  throw invalid(
    faults.map(({ place, path, isMissing, message }) => ({
      loc: [...PLACES[place], ...path],
      msg: message,
      type: isMissing ? "missing" : "value_error",
    })),
  );
}

/** Credentials as the source's schema completes them. Without any, refuses by naming the fields. */
export function completeCredentials(source: Source, input: JsonObject | null): JsonObject {
  if (input !== null) return complete(source.credentials, input, PLACES.credentials);
  const none = source.credentials.safeParse({});
  if (none.success && isJsonObject(none.data)) return none.data;
  const names = fieldsOf(source.credentials, { secret: true }).map((field) => field.name);
  const msg = `Field required: send {"credentials": {…}} with what ${source.name} needs: ${names.join(", ")}.`;
  throw invalid([{ loc: ["body", "authentication"], msg, type: "missing" }]);
}

function complete(schema: Source["config"], input: JsonObject, at: readonly string[]): JsonObject {
  const result = schema.safeParse(input);
  if (!result.success) throw invalid(issuesOf(result.error, at));
  if (!isJsonObject(result.data)) throw new Error(`The schema behind ${at.join(".")} does not yield an object.`);
  return result.data;
}
