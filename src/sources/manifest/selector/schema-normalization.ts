import { parseExactly } from "#core/exact-json";
import { isJsonObject, type Json, type JsonObject } from "#core/json";
import { str } from "#sources/manifest/python/text";
import { isTrue } from "#sources/manifest/python/truth";
import { admit } from "#sources/manifest/python/value";
import { isRecord } from "#sources/manifest/record/record";

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
  switch (soleType(schema["type"], value)) {
    case "string":
      return str(admit(value));
    case "number":
      return numberOf(value) ?? value;
    case "integer":
      return integerOf(value) ?? value;
    case "boolean":
      return typeof value === "string" ? (BOOLEANS.get(value.trim().toLowerCase()) ?? value) : isTrue(admit(value));
    case "array":
      return isSimple(value) && takesSimple(schema["items"]) ? [value] : value;
    case null:
    default:
      return value;
  }
}

/** The one type that a value should have; null where there are several, or where null is fine. */
function soleType(type: Json | undefined, value: unknown): string | null {
  if (typeof type === "string") return value === null && type === "null" ? null : type;
  const types = (Array.isArray(type) ? type : []).filter((one) => typeof one === "string");
  if (value === null && types.includes("null")) return null;
  const [only, ...others] = types.filter((one) => one !== "null");
  return others.length > 0 ? null : (only ?? null);
}

/** Undefined where it can't be read as a number. What a double can't hold keeps its digits. */
function numberOf(value: unknown): unknown {
  if (typeof value === "boolean") return Number(value);
  if (typeof value !== "string" || !NUMBER.test(value.trim())) return undefined;
  const digits = plainDigits(value);
  return Number.isFinite(Number(digits)) ? exact(digits) : undefined;
}

function integerOf(value: unknown): unknown {
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "number") return Math.trunc(value);
  if (typeof value === "string") return INTEGER.test(value.trim()) ? exact(plainDigits(value)) : undefined;
  return JSON.isRawJSON(value) ? exact(value.rawJSON.replace(/\.\d*$/, "")) : undefined;
}

/** As Python reads numbers in text: underscores between digits, a plus sign, zeros in front. */
const INTEGER = /^[+-]?\d+(?:_\d+)*$/;
const NUMBER = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+)?$/;

/** The same number as JSON writes it. */
function plainDigits(text: string): string {
  const [, sign = "", digits = ""] = /^([+-]?)(.*)$/.exec(text.trim().replaceAll("_", "")) ?? [];
  const whole = digits.replace(/^0+(?=\d)/, "").replace(/^\./, "0.");
  return `${sign === "-" ? "-" : ""}${whole.replace(/\.(?!\d)/, "")}`;
}

function exact(digits: string): unknown {
  const [number] = [parseExactly(`[${digits}]`)].flat();
  return number;
}

/** As in the Python CDK, which looks for the letters of the type's name where it is one text. */
function takesSimple(items: Json | undefined): boolean {
  const type = isJsonObject(items) ? items["type"] : undefined;
  return type === undefined || (Array.isArray(type) && type.every((one) => typeof one === "string" && SIMPLE.has(one)));
}

function isSimple(value: unknown): boolean {
  return typeof value !== "object" || value === null || JSON.isRawJSON(value);
}

const SIMPLE: ReadonlySet<string> = new Set(["string", "number", "integer", "boolean", "null"]);

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...["y", "yes", "t", "true", "on", "1"].map((word): [string, boolean] => [word, true]),
  ...["n", "no", "f", "false", "off", "0"].map((word): [string, boolean] => [word, false]),
]);
