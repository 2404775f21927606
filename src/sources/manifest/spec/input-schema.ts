import { Validator, type Schema } from "@cfworker/json-schema";
import { z } from "zod";

import { isJsonObject, type Json, type JsonObject } from "#core/json";

/** One thing that an input does not fulfil. */
export interface InputFault {
  readonly path: readonly string[];
  readonly message: string;
}

/** Checks that only say that something inside is wrong; what is inside is told as well. */
const OUTER_KEYWORDS: ReadonlySet<string> = new Set([
  "properties",
  "patternProperties",
  "items",
  "allOf",
  "$ref",
  "if",
  "then",
  "else",
]);

/** The faults of an input, each place once. The input is one that `completed` has filled in. */
export function faultsOf(input: JsonObject, schema: JsonObject): InputFault[] {
  const { errors } = new Validator(validatable(narrowedTo(schema, input)), "7", false).validate(input);
  const faults = errors
    .filter(({ keyword }) => !OUTER_KEYWORDS.has(keyword))
    .map(({ keyword, error, instanceLocation }): InputFault => {
      const path = pathOf(instanceLocation);
      const missing = keyword === "required" ? /"([^"]+)"\.?$/.exec(error)?.[1] : undefined;
      return missing === undefined
        ? { path, message: sentence(error) }
        : { path: [...path, missing], message: "Field required" };
    });
  const places = new Set<string>();
  return faults.filter(({ path }) => {
    const place = JSON.stringify(path);
    return !places.has(place) && places.add(place);
  });
}

/** The input with the schema's defaults where it says nothing. */
export function completed(input: JsonObject, schema: JsonObject): JsonObject {
  const narrow = narrowedTo(schema, input);
  const properties = narrow["properties"];
  const result = new Map(Object.entries(input));
  for (const [name, property] of isJsonObject(properties) ? Object.entries(properties) : []) {
    if (!isJsonObject(property)) continue;
    const value = result.get(name);
    if (value === undefined && Object.hasOwn(property, "default")) result.set(name, property["default"] ?? null);
    else if (isJsonObject(value)) result.set(name, completed(value, property));
  }
  return Object.fromEntries(result);
}

/** A zod type for inputs that a JSON Schema describes; it is what `z.toJSONSchema` shows, fields in their `order`. */
export function inputType(schema: JsonObject): z.ZodType<JsonObject> {
  const properties = schema["properties"];
  const ordered = isJsonObject(properties) ? Object.entries(properties).toSorted(byOrder) : [];
  return z
    .custom<JsonObject>(isJsonObject, "Input should be an object")
    .transform((input, context) => {
      const whole = completed(input, schema);
      for (const { path, message } of faultsOf(whole, schema)) {
        context.issues.push({ code: "custom", path: [...path], message, input });
      }
      return whole;
    })
    .meta({ type: "object", properties: Object.fromEntries(ordered), required: schema["required"] ?? [] });
}

function byOrder([, a]: [string, Json], [, b]: [string, Json]): number {
  return orderOf(a) - orderOf(b);
}

function orderOf(property: Json): number {
  const order = isJsonObject(property) ? property["order"] : undefined;
  return typeof order === "number" ? order : Number.MAX_SAFE_INTEGER;
}

/** Of alternatives, the one whose constants the input has: then its faults are those of the one that was meant. */
function narrowedTo(schema: JsonObject, input: Json): JsonObject {
  const { oneOf, ...rest } = schema;
  const meant = Array.isArray(oneOf)
    ? oneOf.filter(isJsonObject).filter((branch) => hasConstantsOf(input, branch))
    : [];
  const [only] = meant;
  const base: JsonObject =
    only === undefined || meant.length > 1
      ? schema
      : { ...rest, ...only, properties: { ...propertiesOf(rest), ...propertiesOf(only) } };
  const properties = Object.entries(propertiesOf(base)).map(([name, property]): [string, Json] => [
    name,
    isJsonObject(property) && isJsonObject(input) && Object.hasOwn(input, name)
      ? narrowedTo(property, input[name] ?? null)
      : property,
  ]);
  return properties.length === 0 ? base : { ...base, properties: Object.fromEntries(properties) };
}

function hasConstantsOf(input: Json, branch: JsonObject): boolean {
  return Object.entries(propertiesOf(branch)).every(([name, property]) => {
    if (!isJsonObject(property)) return true;
    const [only, ...others] = Array.isArray(property["enum"]) ? property["enum"] : [];
    const constant = property["const"] ?? (others.length === 0 ? only : undefined);
    return constant === undefined || (isJsonObject(input) && input[name] === constant);
  });
}

function propertiesOf(schema: JsonObject): JsonObject {
  const properties = schema["properties"];
  return isJsonObject(properties) ? properties : {};
}

/** Manifests come from Python: patterns that JavaScript does not understand are left out, as nobody could mend them here. */
function validatable(schema: JsonObject): Schema {
  return Object.fromEntries(
    Object.entries(schema).flatMap(([keyword, value]): [string, unknown][] => {
      if (keyword === "pattern" && !isPattern(value)) return [];
      if (isJsonObject(value) && keyword !== "default" && keyword !== "const") return [[keyword, validatable(value)]];
      if (Array.isArray(value) && keyword !== "enum" && keyword !== "required") {
        return [[keyword, value.map((item) => (isJsonObject(item) ? validatable(item) : item))]];
      }
      return [[keyword, value]];
    }),
  );
}

function isPattern(value: Json): boolean {
  try {
    return new RegExp(String(value), "u") instanceof RegExp;
  } catch {
    return false;
  }
}

function pathOf(location: string): string[] {
  return location
    .split("/")
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"));
}

function sentence(error: string): string {
  return error.replace(/^Instance /, "The value ");
}
