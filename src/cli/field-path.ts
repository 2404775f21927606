import { isJsonObject, type Json, type JsonObject } from "#core/json";

/** Fields of an object in an object are named with the path: `credentials.client_id`. */

/** What is at the path; undefined where nothing is. */
export function valueAt(object: JsonObject, name: string): Json | undefined {
  if (Object.hasOwn(object, name)) return object[name];
  let value: Json | undefined = object;
  for (const part of name.split(".")) {
    value = isJsonObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  }
  return value;
}

/** The object with a value at the path, and whatever objects lie on the way. */
export function withValueAt(object: JsonObject, name: string, value: Json): JsonObject {
  const [first = "", ...rest] = name.split(".");
  if (rest.length === 0) return { ...object, [first]: value };
  const inner = object[first];
  return { ...object, [first]: withValueAt(isJsonObject(inner) ? inner : {}, rest.join("."), value) };
}
