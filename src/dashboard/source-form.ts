import { isJsonObject, type Json, type JsonObject } from "#core/json";

export interface FormField {
  /** Of the control: `config.auth#1.token` is of the second alternative of `auth`. */
  readonly name: string;
  /** Of the value, in the object that the form makes. */
  readonly place: readonly string[];
  readonly label: string;
  readonly hint: string | null;
  /** By itself, and with it everything that it is in. */
  readonly isRequired: boolean;
  /** May it be left empty where what it is in is given? */
  readonly isOptional: boolean;
  /** What an empty field means, where the schema says it. */
  readonly fallback: Json | undefined;
  readonly example: string | null;
  readonly control: Control;
}

export type Control =
  | { readonly kind: "text"; readonly isSecret: boolean; readonly isLong: boolean }
  | { readonly kind: "number"; readonly isWhole: boolean; readonly min: number | null; readonly max: number | null }
  | { readonly kind: "flag" }
  | { readonly kind: "choice"; readonly values: readonly Json[] }
  | { readonly kind: "lines"; readonly items: "text" | "number" }
  | { readonly kind: "json" }
  /** Not asked for: it says which alternative is meant. */
  | { readonly kind: "constant"; readonly value: Json }
  | { readonly kind: "group"; readonly fields: readonly FormField[] }
  | { readonly kind: "alternatives"; readonly branches: readonly Branch[] };

export interface Branch {
  readonly title: string;
  readonly fields: readonly FormField[];
}

interface Within {
  readonly name: string;
  readonly place: readonly string[];
  readonly isSecret: boolean;
  /** Are all of the objects around needed, whatever is chosen? */
  readonly isNeeded: boolean;
  readonly isBranch: boolean;
  readonly depth: number;
}

/** Schemas of custom sources are anybody's: what is deeper is asked for as JSON. */
const DEPTH_LIMIT = 6;

/** Parts of credentials that are no secrets: whoever types them wants to see them. */
const PLAIN_NAME = /^(?:user|user_?name|email|login)$/i;

/**
 * The fields of a form for objects that a JSON Schema describes.
 *
 * @param name `config` or `credentials`: what the controls' names begin with
 */
export function formFields(schema: JsonObject, name: "config" | "credentials"): FormField[] {
  const within: Within = {
    name,
    place: [],
    isSecret: name === "credentials",
    isNeeded: true,
    isBranch: false,
    depth: 0,
  };
  const branches = branchesOf(schema, within);
  if (branches === null) return fieldsOf(schema, within);
  const label = name === "credentials" ? "Kind of access" : "Kind";
  const whole = { name, place: [], label, hint: null, fallback: undefined, example: null };
  return [{ ...whole, isRequired: true, isOptional: false, control: { kind: "alternatives", branches } }];
}

function fieldsOf(schema: JsonObject, within: Within): FormField[] {
  const required = namesIn(schema["required"]);
  return Object.entries(objectAt(schema, "properties")).map(([key, property]) =>
    fieldOf(key, isJsonObject(property) ? property : {}, required.includes(key), within),
  );
}

function fieldOf(key: string, given: JsonObject, isRequiredHere: boolean, within: Within): FormField {
  const schema = withoutNull(given);
  const isRequired = isRequiredHere && within.isNeeded;
  const inner: Within = {
    name: `${within.name}.${escaped(key)}`,
    place: [...within.place, key],
    isSecret: within.isSecret && !(PLAIN_NAME.test(key) && schema["airbyte_secret"] !== true),
    isNeeded: isRequired,
    isBranch: false,
    depth: within.depth + 1,
  };
  return {
    name: inner.name,
    place: inner.place,
    label: textAt(schema, "title") ?? titleOf(key),
    hint: textAt(schema, "description"),
    isRequired,
    isOptional: !isRequiredHere,
    fallback: schema["default"],
    example: exampleOf(schema),
    control: controlOf(schema, inner, isRequiredHere || within.isBranch),
  };
}

function controlOf(schema: JsonObject, within: Within, isSettled: boolean): Control {
  const constants = constantsOf(schema);
  const [only, ...others] = constants ?? [];
  if (only !== undefined && others.length === 0 && isSettled) return { kind: "constant", value: only };
  if (constants !== null) return { kind: "choice", values: constants };
  const { type } = schema;
  if (type === "boolean") return { kind: "flag" };
  if (type === "integer" || type === "number") {
    return {
      kind: "number",
      isWhole: type === "integer",
      min: boundAt(schema, "minimum"),
      max: boundAt(schema, "maximum"),
    };
  }
  if (type === "string") {
    const isLong = schema["multiline"] === true || schema["format"] === "textarea";
    return { kind: "text", isSecret: within.isSecret, isLong };
  }
  if (type === "array") {
    const items = objectAt(schema, "items")["type"];
    if (items === "string") return { kind: "lines", items: "text" };
    return items === "integer" || items === "number" ? { kind: "lines", items: "number" } : { kind: "json" };
  }
  if (within.depth > DEPTH_LIMIT) return { kind: "json" };
  const branches = branchesOf(schema, within);
  if (branches !== null) return { kind: "alternatives", branches };
  const fields = fieldsOf(schema, within);
  return fields.length === 0 ? { kind: "json" } : { kind: "group", fields };
}

/** Null where the schema has no alternatives that are objects. */
function branchesOf(schema: JsonObject, within: Within): Branch[] | null {
  const choices = alternativesIn(schema);
  if (choices.length < 2 || choices.some((choice) => !isJsonObject(choice["properties"] ?? null))) return null;
  const shared = objectAt(schema, "properties");
  return choices.map((choice, index) => {
    const whole: JsonObject = {
      properties: { ...shared, ...objectAt(choice, "properties") },
      required: [...namesIn(schema["required"]), ...namesIn(choice["required"])],
    };
    // Browsers refuse forms with needed fields that are not seen, so the server tells what the chosen one lacks.
    const branch = { ...within, name: `${within.name}#${index}`, isNeeded: false, isBranch: true };
    const fields = fieldsOf(whole, branch);
    return { title: textAt(choice, "title") ?? titleOfBranch(fields, namesIn(choice["required"])), fields };
  });
}

function titleOfBranch(fields: readonly FormField[], required: readonly string[]): string {
  const asked = fields.filter(({ control }) => control.kind !== "constant");
  const [first] = fields;
  if (asked.length === 0 && first !== undefined) return first.label;
  const needed = asked.filter(({ place }) => required.includes(place.at(-1) ?? ""));
  const labels = (needed.length === 0 ? asked : needed).map(({ label }) => label);
  return labels.map((label, at) => (at === 0 ? label : label.toLowerCase())).join(" and ");
}

/** A value that may be null is one that may be left out. */
function withoutNull(schema: JsonObject): JsonObject {
  const { type } = schema;
  if (Array.isArray(type)) return { ...schema, type: type.find((each) => each !== "null") ?? "null" };
  const choices = alternativesIn(schema);
  const real = choices.filter((choice) => choice["type"] !== "null");
  const [only] = real;
  if (only === undefined || real.length === choices.length) return schema;
  const { anyOf: _anyOf, oneOf: _oneOf, ...rest } = schema;
  return real.length === 1 ? { ...rest, ...only } : { ...rest, anyOf: real };
}

function alternativesIn(schema: JsonObject): JsonObject[] {
  return ["anyOf", "oneOf"].flatMap((keyword) => {
    const choices = schema[keyword];
    return Array.isArray(choices) ? choices.filter(isJsonObject) : [];
  });
}

/** The values that a schema allows, where it lists them. */
function constantsOf(schema: JsonObject): Json[] | null {
  const { const: only, enum: values } = schema;
  if (only !== undefined) return [only];
  if (Array.isArray(values)) return values.filter((value) => value !== null);
  const choices = alternativesIn(schema).map(({ const: each }) => each);
  const known = choices.filter((each) => each !== undefined);
  return known.length > 0 && known.length === choices.length ? known : null;
}

function exampleOf(schema: JsonObject): string | null {
  const { examples } = schema;
  const [first] = Array.isArray(examples) ? examples : [];
  if (Array.isArray(first)) return first.every(isPlain) ? first.join("\n") : null;
  return first !== undefined && isPlain(first) ? String(first) : null;
}

function isPlain(value: Json): boolean {
  return typeof value === "string" || typeof value === "number";
}

/** Whole numbers end where they stop being exact; that is no bound that anybody set. */
function boundAt(schema: JsonObject, keyword: "minimum" | "maximum"): number | null {
  const bound = schema[keyword];
  return typeof bound === "number" && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? bound : null;
}

function objectAt(schema: JsonObject, keyword: string): JsonObject {
  const value = schema[keyword];
  return value !== undefined && isJsonObject(value) ? value : {};
}

function textAt(schema: JsonObject, keyword: string): string | null {
  const value = schema[keyword];
  return typeof value === "string" && value !== "" ? value : null;
}

function namesIn(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

/** Names of controls are paths, in which `.` and `#` mean something. */
function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll(".", "~1").replaceAll("#", "~2");
}

/** `page_size` reads “Page size”. */
function titleOf(key: string): string {
  const words = key.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
