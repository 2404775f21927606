import { isJsonObject, type Json } from "#core/json";

/** The value at a path of names, and of numbers into lists; undefined where there is none. */
export function valueAt(document: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = document;
  for (const name of path) {
    if (value === undefined) return undefined;
    value = memberOf(value, name);
  }
  return value;
}

function memberOf(value: Json, name: string): Json | undefined {
  if (isJsonObject(value)) return Object.hasOwn(value, name) ? value[name] : undefined;
  return Array.isArray(value) && /^\d+$/.test(name) ? value[Number(name)] : undefined;
}
