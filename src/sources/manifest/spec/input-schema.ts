import { Validator, type OutputUnit } from "@cfworker/json-schema";

import { isJsonObject, type Json, type JsonObject } from "#core/json";
import { alternativesFault, narrowedTo, propertiesOf, validatable } from "./alternatives.ts";
import { EXTRA, MISSING, type InputFault } from "./input-fault.ts";
import { patternFaults } from "./pattern-faults.ts";

/** Checks that only say that something inside is wrong; what is inside is told as well. */
const OUTER_KEYWORDS: ReadonlySet<string> = new Set([
  "properties",
  "patternProperties",
  "additionalProperties",
  "items",
  "allOf",
  "$ref",
  "if",
]);

/**
 * The faults of an input, each place once. Formats are not checked, as the Python CDK does not, and patterns have
 * Python's meaning.
 */
export function faultsOf(input: JsonObject, schema: JsonObject): InputFault[] {
  const narrow = narrowedTo(schema, input);
  const { errors } = new Validator(validatable(narrow), "7", false).validate(input);
  const faults = [
    ...errors.filter(isInnermost).map((error) => faultOf(error, narrow, input)),
    ...patternFaults(input, narrow, []),
  ];
  const places = new Set<string>();
  return faults.filter(({ path }) => {
    const place = JSON.stringify(path);
    return !places.has(place) && places.add(place);
  });
}

/** The input with the schema's defaults where it says nothing. */
export function completed(input: JsonObject, schema: JsonObject): JsonObject {
  const result = new Map(Object.entries(input));
  for (const [name, property] of Object.entries(propertiesOf(narrowedTo(schema, input)))) {
    if (!isJsonObject(property)) continue;
    const value = result.get(name);
    if (value === undefined && Object.hasOwn(property, "default")) result.set(name, property["default"] ?? null);
    else if (isJsonObject(value)) result.set(name, completed(value, property));
  }
  return Object.fromEntries(result);
}

/** Of a value that fits none of several alternatives, what each of them lacks would only confuse. */
function isInnermost({ keyword, keywordLocation }: OutputUnit): boolean {
  return !OUTER_KEYWORDS.has(keyword) && !/\/anyOf\/\d+(\/|$)/.test(keywordLocation);
}

function faultOf(error: OutputUnit, schema: JsonObject, input: JsonObject): InputFault {
  const path = pathOf(error.instanceLocation);
  switch (error.keyword) {
    case "required": {
      const name = /"(.+)"\.?$/.exec(error.error)?.[1] ?? "";
      return { path: [...path, name], kind: "missing", message: MISSING };
    }
    case "false":
      return { path, kind: "extra", message: EXTRA };
    case "anyOf":
      return alternativesFault(path, schemaAt(schema, error.keywordLocation), valueAt(input, path));
    default:
      return { path, kind: "wrong", message: messageOf(error, schemaAt(schema, error.keywordLocation)) };
  }
}

function messageOf({ keyword, error }: OutputUnit, schema: JsonObject): string {
  switch (keyword) {
    case "type":
      return `Input should be of type ${listed([schema["type"] ?? null].flat())}`;
    case "const":
      return `Input should be ${JSON.stringify(schema["const"])}`;
    case "enum":
      return `Input should be ${listed(Array.isArray(schema["enum"]) ? schema["enum"].map((each) => JSON.stringify(each)) : [])}`;
    default:
      return error.replace(/^Instance /, "Input ").replace(/\.$/, "");
  }
}

function listed(values: readonly Json[]): string {
  return values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join(" or ");
}

/** `#/a~1b/0` are the names of `a/b` and `0`. */
function pathOf(location: string): string[] {
  return location
    .split("/")
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The schema whose keyword is meant. */
function schemaAt(schema: JsonObject, keywordLocation: string): JsonObject {
  // What is checked has its alternatives under one name, whichever they have in the manifest.
  const found = pathOf(keywordLocation)
    .slice(0, -1)
    .reduce<Json>((node, part) => childOf(node, part), schema);
  return isJsonObject(found) ? found : {};
}

function valueAt(input: Json, path: readonly string[]): Json {
  return path.reduce<Json>((node, part) => childOf(node, part), input);
}

function childOf(node: Json, part: string): Json {
  if (Array.isArray(node)) return node[Number(part)] ?? null;
  return isJsonObject(node) && Object.hasOwn(node, part) ? (node[part] ?? null) : null;
}
