import type { Json, JsonObject } from "#core/json";

/** What of a record or config value JSON can carry; the rest is null. */
export function toJson(value: unknown): Json {
  if (isLeaf(value)) return value;
  if (Array.isArray(value)) return value.map(toJson);
  return typeof value === "object" && value !== null ? toJsonObject(value) : null;
}

function toJsonObject(value: object): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([name, field]): [string, Json] => [name, toJson(field)]));
}

/** A raw number counts: it is JSON that a double can't hold. */
function isLeaf(value: unknown): value is Json {
  return (
    value === null ||
    typeof value === "string" ||
    typeof value === "boolean" ||
    typeof value === "number" ||
    JSON.isRawJSON(value)
  );
}
