import { isJsonObject, type Json, type JsonObject } from "#core/json";
import { propertiesOf, requiredIn } from "./alternatives.ts";
import { EXTRA, type InputFault } from "./input-fault.ts";

/** Which fields of a config are secret: `true` for one that is, a tree for an object that has some. */
export type SecretFields = ReadonlyMap<string, SecretFields | true>;

const NONE: SecretFields = new Map();

/**
 * Fields that the schema marks with `airbyte_secret`, in objects of objects and in all of their alternatives. A field
 * that has a secret anywhere else, such as in the items of a list, is secret as a whole.
 */
export function secretFieldsIn(schema: JsonObject): SecretFields {
  const fields = new Map<string, SecretFields | true>();
  const properties = schema["properties"];
  for (const [name, property] of isJsonObject(properties) ? Object.entries(properties) : []) {
    if (!isJsonObject(property)) continue;
    if (property["airbyte_secret"] === true || hasSecretAside(property)) fields.set(name, true);
    else addTo(fields, name, secretFieldsIn(property));
  }
  for (const alternative of alternativesIn(schema)) {
    for (const [name, inner] of secretFieldsIn(alternative)) {
      if (inner === true) fields.set(name, true);
      else addTo(fields, name, inner);
    }
  }
  return fields;
}

function addTo(fields: Map<string, SecretFields | true>, name: string, inner: SecretFields): void {
  const before = fields.get(name) ?? NONE;
  if (before === true || inner.size === 0) return;
  const merged = new Map(before);
  for (const [field, secret] of inner) {
    if (secret === true) merged.set(field, true);
    else addTo(merged, field, secret);
  }
  fields.set(name, merged);
}

const APART: ReadonlySet<string> = new Set(["properties", "oneOf", "anyOf", "allOf", "default", "const", "enum"]);

/** Are there secrets where a value can't be taken apart by names? */
function hasSecretAside(schema: JsonObject): boolean {
  return (
    Object.entries(schema).some(([keyword, value]) => !APART.has(keyword) && hasSecret(value)) ||
    alternativesIn(schema).some((branch) => branch["airbyte_secret"] === true || hasSecretAside(branch))
  );
}

function hasSecret(value: Json): boolean {
  if (Array.isArray(value)) return value.some(hasSecret);
  return isJsonObject(value) && (value["airbyte_secret"] === true || Object.values(value).some(hasSecret));
}

function alternativesIn(schema: JsonObject): JsonObject[] {
  return ["oneOf", "anyOf", "allOf"].flatMap((keyword) => {
    const alternatives = schema[keyword];
    return Array.isArray(alternatives) ? alternatives.filter(isJsonObject) : [];
  });
}

export interface Split {
  readonly config: JsonObject;
  readonly credentials: JsonObject;
}

/** Takes an input apart: what may be shown, and what is secret. Objects that have both are in both. */
export function splitSecrets(input: JsonObject, secrets: SecretFields): Split {
  const config: [string, Json][] = [];
  const credentials: [string, Json][] = [];
  for (const [name, value] of Object.entries(input)) {
    const secret = secrets.get(name);
    if (secret === true) credentials.push([name, value]);
    else if (secret !== undefined && isJsonObject(value)) {
      const inner = splitSecrets(value, secret);
      config.push([name, inner.config]);
      if (Object.keys(inner.credentials).length > 0) credentials.push([name, inner.credentials]);
    } else {
      config.push([name, value]);
    }
  }
  return { config: Object.fromEntries(config), credentials: Object.fromEntries(credentials) };
}

/** Puts together again what was taken apart. */
export function mergeSecrets(config: JsonObject, credentials: JsonObject): JsonObject {
  const merged = new Map(Object.entries(config));
  for (const [name, value] of Object.entries(credentials)) {
    const before = merged.get(name);
    merged.set(name, isJsonObject(before) && isJsonObject(value) ? mergeSecrets(before, value) : value);
  }
  return Object.fromEntries(merged);
}

/** Secrets in what may be shown. */
export function secretsShown(config: JsonObject, secrets: SecretFields, path: readonly string[] = []): InputFault[] {
  return [...secrets].flatMap(([name, secret]) => {
    const value = Object.hasOwn(config, name) ? config[name] : undefined;
    if (value === undefined) return [];
    const at = [...path, name];
    if (secret !== true) return isJsonObject(value) ? secretsShown(value, secret, at) : [];
    const message = "This is secret: send it in authentication.credentials, and not in config";
    return [{ path: at, kind: "wrong", message } as const];
  });
}

/** What is among the secrets and is none. */
export function strangersAmong(
  credentials: JsonObject,
  secrets: SecretFields,
  schema: JsonObject,
  path: readonly string[] = [],
): InputFault[] {
  return Object.entries(credentials).flatMap(([name, value]) => {
    const at = [...path, name];
    const secret = secrets.get(name);
    if (secret === true) return [];
    const property = propertyNamed(schema, name);
    if (secret !== undefined && isJsonObject(value)) return strangersAmong(value, secret, property ?? {}, at);
    return property === null
      ? [{ path: at, kind: "extra", message: EXTRA } as const]
      : [
          {
            path: at,
            kind: "wrong",
            message: "This is not secret: send it in config, and not in credentials",
          } as const,
        ];
  });
}

/** The schema of a field, alternatives' fields included. */
function propertyNamed(schema: JsonObject, name: string): JsonObject | null {
  const found = propertiesNamed(schema, name);
  return found.length === 0 ? null : { anyOf: found };
}

function propertiesNamed(schema: JsonObject, name: string): JsonObject[] {
  const properties = propertiesOf(schema);
  const own = Object.hasOwn(properties, name) ? (properties[name] ?? null) : null;
  const inAlternatives = alternativesIn(schema).flatMap((alternative) => propertiesNamed(alternative, name));
  return isJsonObject(own) ? [own, ...inAlternatives] : inAlternatives;
}

/** Is what the path leads to secret? */
export function isSecret(path: readonly string[], secrets: SecretFields): boolean {
  const [name, ...rest] = path;
  const secret = name === undefined ? undefined : secrets.get(name);
  return secret === true || (secret !== undefined && isSecret(rest, secret));
}

/** The schema of what may be shown. Objects of which nothing may are left out. */
export function withoutSecrets(schema: JsonObject, secrets: SecretFields): JsonObject {
  return narrowed(schema, (name, property) => {
    const secret = secrets.get(name);
    if (secret === true) return null;
    if (secret === undefined) return property;
    const shown = withoutSecrets(property, secret);
    const branches = [shown, ...alternativesIn(shown)];
    return branches.every((branch) => Object.keys(propertiesOf(branch)).length === 0) ? null : shown;
  });
}

/**
 * The schema of what is secret. Which alternative of an object is meant can't be told from its secrets alone, so of
 * alternatives all secrets are allowed and none is required.
 */
export function onlySecrets(schema: JsonObject, secrets: SecretFields): JsonObject {
  const own = narrowed(schema, (name, property) => {
    const secret = secrets.get(name);
    if (secret === undefined) return null;
    return secret === true ? property : onlySecrets(property, secret);
  });
  const alternatives = alternativesIn(schema).map((alternative) => onlySecrets(alternative, secrets));
  const properties = new Map([...alternatives, own].flatMap((each) => Object.entries(propertiesOf(each))));
  const required = requiredIn(own).filter((name) => {
    const property = properties.get(name) ?? null;
    return secrets.get(name) === true || (isJsonObject(property) && requiredIn(property).length > 0);
  });
  return { type: "object", properties: Object.fromEntries(properties), required };
}

/** Without the properties that `keep` gives null for, wherever they are named. */
function narrowed(schema: JsonObject, keep: (name: string, property: JsonObject) => JsonObject | null): JsonObject {
  const properties = schema["properties"];
  const kept = (isJsonObject(properties) ? Object.entries(properties) : []).flatMap(([name, property]) => {
    const narrow = isJsonObject(property) ? keep(name, property) : null;
    return narrow === null ? [] : [[name, narrow] as const];
  });
  const names = new Set(kept.map(([name]) => name));
  const required = Array.isArray(schema["required"])
    ? schema["required"].filter((name) => typeof name === "string" && names.has(name))
    : [];
  const alternatives = Object.entries(schema)
    .filter(([keyword]) => ["oneOf", "anyOf", "allOf"].includes(keyword))
    .map(([keyword, branches]): [string, Json] => [
      keyword,
      Array.isArray(branches)
        ? branches.map((branch) => (isJsonObject(branch) ? narrowed(branch, keep) : branch))
        : branches,
    ]);
  return {
    ...schema,
    ...Object.fromEntries(alternatives),
    ...(isJsonObject(properties) ? { properties: Object.fromEntries(kept) } : {}),
    ...(Array.isArray(schema["required"]) ? { required } : {}),
  };
}

/** Every text in a value, at any depth: what has to be kept out of messages when the value is secret. */
export function stringsIn(value: Json): string[] {
  if (typeof value === "string") return [value];
  if (isJsonObject(value)) return Object.values(value).flatMap(stringsIn);
  return Array.isArray(value) ? value.flatMap(stringsIn) : [];
}
