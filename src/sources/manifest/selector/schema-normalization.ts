import { isJsonObject, type Json, type JsonObject } from "#core/json";

/**
 * Casts a record's values to the types that its schema gives them, as far as they can be: text to numbers, numbers to
 * text, a single value to a list of one. What can't be cast stays as it is; so does what may have several types.
 */
export function normalizeBySchema(record: Record<string, unknown>, schema: JsonObject): Record<string, unknown> {
  const properties = schema["properties"];
  if (!isJsonObject(properties)) return record;
  const normalized = new Map(Object.entries(record));
  for (const [name, property] of Object.entries(properties)) {
    if (normalized.has(name) && isJsonObject(property)) normalized.set(name, normalize(normalized.get(name), property));
  }
  return Object.fromEntries(normalized);
}

function normalize(value: unknown, schema: JsonObject): unknown {
  const cast = castTo(value, schema);
  if (Array.isArray(cast)) {
    const items = schema["items"];
    return isJsonObject(items) ? cast.map((item) => normalize(item, items)) : cast;
  }
  return isRecord(cast) ? normalizeBySchema(cast, schema) : cast;
}

function castTo(value: unknown, schema: JsonObject): unknown {
  const type = soleType(schema["type"], value);
  switch (type) {
    case "string":
      return typeof value === "string" ? value : textOf(value);
    case "number":
    case "integer":
      return numberOf(value, type) ?? value;
    case "boolean":
      return typeof value === "string" ? (BOOLEANS.get(value.toLowerCase()) ?? value) : Boolean(value);
    case "array":
      return isSimple(value) && takesSimple(schema["items"]) ? [value] : value;
    default:
      return value;
  }
}

/** The one type that a value should have; null where there are several, or where null is fine. */
function soleType(type: Json | undefined, value: unknown): string | null {
  const types = (Array.isArray(type) ? type : [type]).filter((one) => typeof one === "string");
  if (value === null && types.includes("null")) return null;
  const [only, ...others] = types.filter((one) => one !== "null");
  return others.length > 0 ? null : (only ?? null);
}

function numberOf(value: unknown, type: "number" | "integer"): number | null {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "number") return type === "integer" ? Math.trunc(value) : value;
  if (typeof value !== "string") return null;
  const pattern = type === "integer" ? /^\s*[+-]?\d+\s*$/ : /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;
  return pattern.test(value) ? Number(value) : null;
}

/** As Python shows it. */
function textOf(value: unknown): unknown {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return String(value);
  return JSON.isRawJSON(value) ? value.rawJSON : JSON.stringify(value);
}

function takesSimple(items: Json | undefined): boolean {
  const type = isJsonObject(items) ? items["type"] : undefined;
  const types = Array.isArray(type) ? type : [type];
  return types.every((one) => typeof one === "string" && SIMPLE.has(one));
}

function isSimple(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value === null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

const SIMPLE: ReadonlySet<string> = new Set(["string", "number", "integer", "boolean", "null"]);

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...["y", "yes", "t", "true", "on", "1"].map((word): [string, boolean] => [word, true]),
  ...["n", "no", "f", "false", "off", "0"].map((word): [string, boolean] => [word, false]),
]);
