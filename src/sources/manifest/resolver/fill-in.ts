import type { Json, JsonObject } from "#core/json";
import { isRecord, type MutableRecord } from "#sources/manifest/record/record";
import type { ComponentMapping } from "./component-mapping.ts";

/** A copy of the template with the mappings' values in it. */
export function fillIn(
  template: JsonObject,
  mappings: readonly ComponentMapping[],
  values: { readonly components_values: unknown; readonly stream_slice?: unknown },
): JsonObject {
  const filled: MutableRecord = structuredClone(template);
  for (const mapping of mappings) mapping.fill(filled, { ...values, stream_template_config: template });
  return fieldsOf(filled);
}

function fieldsOf(record: MutableRecord): JsonObject {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, jsonOf(value)]));
}

/** What the mappings put in came from templates: numbers that a double can't hold are taken as their digits. */
function jsonOf(value: unknown): Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (JSON.isRawJSON(value)) return value.rawJSON;
  if (Array.isArray(value)) return value.map(jsonOf);
  return isRecord(value) ? fieldsOf(value) : null;
}
