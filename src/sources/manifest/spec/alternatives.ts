import type { Schema } from "@cfworker/json-schema";

import { isJsonObject, type Json, type JsonObject } from "#core/json";
import type { InputFault } from "./input-fault.ts";

/** Keywords whose alternatives are taken for the same: which one is meant is told by constants. */
const EITHER: readonly string[] = ["oneOf", "anyOf"];

/** Of each schema's alternatives, the one whose constants the input has: its faults are those of what was meant. */
export function narrowedTo(schema: JsonObject, input: Json): JsonObject {
  const meant = choicesIn(schema).filter((branch) => hasConstantsOf(input, branch));
  const [only] = meant;
  const rest = Object.fromEntries(Object.entries(schema).filter(([keyword]) => !EITHER.includes(keyword)));
  const base: JsonObject =
    only === undefined || meant.length > 1
      ? schema
      : {
          ...rest,
          ...only,
          properties: { ...propertiesOf(rest), ...propertiesOf(only) },
          required: [...requiredIn(rest), ...requiredIn(only)],
        };
  const properties = Object.entries(propertiesOf(base)).map(([name, property]): [string, Json] => [
    name,
    isJsonObject(property) && isJsonObject(input) && Object.hasOwn(input, name)
      ? narrowedTo(property, input[name] ?? null)
      : property,
  ]);
  return properties.length === 0 ? base : { ...base, properties: Object.fromEntries(properties) };
}

/** What is wrong with a value that fits no alternative: its constants, or all of it. */
export function alternativesFault(path: readonly string[], schema: JsonObject, value: Json): InputFault {
  const choices = choicesIn(schema);
  for (const name of new Set(choices.flatMap((choice) => Object.keys(propertiesOf(choice))))) {
    const constants = choices.flatMap((choice) => constantOf(propertiesOf(choice)[name] ?? null) ?? []);
    if (constants.length < choices.length) continue;
    if (!isJsonObject(value) || constants.some((constant) => constant === value[name])) continue;
    const kind = Object.hasOwn(value, name) ? "wrong" : "missing";
    const message = `Input should be ${constants.map((constant) => JSON.stringify(constant)).join(" or ")}`;
    return { path: [...path, name], kind, message };
  }
  const titles = choices.map(({ title }) => title).filter((title) => typeof title === "string");
  const among = titles.length === choices.length ? `: ${titles.join(", ")}` : "";
  return { path, kind: "wrong", message: `Input should be one of ${choices.length} alternatives${among}` };
}

function choicesIn(schema: JsonObject): JsonObject[] {
  return EITHER.flatMap((keyword) => {
    const choices = schema[keyword];
    return Array.isArray(choices) ? choices.filter(isJsonObject) : [];
  });
}

export function propertiesOf(schema: JsonObject): JsonObject {
  const properties = schema["properties"];
  return isJsonObject(properties) ? properties : {};
}

export function requiredIn(schema: JsonObject): string[] {
  const { required } = schema;
  return Array.isArray(required) ? required.filter((name) => typeof name === "string") : [];
}

/** The one value that a schema allows; null where it allows several. */
function constantOf(property: Json): string | number | boolean | null {
  if (!isJsonObject(property)) return null;
  const [only, ...others] = Array.isArray(property["enum"]) ? property["enum"] : [];
  const constant = property["const"] ?? (others.length === 0 ? only : null) ?? null;
  return typeof constant === "object" ? null : constant;
}

function hasConstantsOf(input: Json, branch: JsonObject): boolean {
  return Object.entries(propertiesOf(branch)).every(([name, property]) => {
    const constant = constantOf(property);
    return constant === null || (isJsonObject(input) && input[name] === constant);
  });
}

/** As the validator gets it: alternatives may overlap, and what it would check otherwise than Python is left out. */
export function validatable(schema: JsonObject): Schema {
  // JavaScript's patterns can't be stopped. Without those for names, it is not known which names are extra.
  const unchecked = new Set(["pattern", "format", "patternProperties"]);
  if (Object.hasOwn(schema, "patternProperties")) unchecked.add("additionalProperties");
  const checked = Object.entries(schema).filter(([keyword]) => !unchecked.has(keyword));
  return Object.fromEntries(
    checked.map(([keyword, value]): [string, unknown] => {
      if (keyword === "properties") return [keyword, eachValidatable(value)];
      if (LITERAL.has(keyword)) return [keyword, value];
      if (isJsonObject(value)) return [keyword, validatable(value)];
      const name = keyword === "oneOf" ? "anyOf" : keyword;
      return [
        name,
        Array.isArray(value) ? value.map((item) => (isJsonObject(item) ? validatable(item) : item)) : value,
      ];
    }),
  );
}

/** Keywords whose values are no schemas. */
const LITERAL: ReadonlySet<string> = new Set(["default", "const", "enum", "examples", "required"]);

/** Names are names here, and no keywords. */
function eachValidatable(properties: Json): unknown {
  if (!isJsonObject(properties)) return properties;
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      isJsonObject(property) ? validatable(property) : property,
    ]),
  );
}
