import { asInteger } from "#sources/manifest/python/number";
import { Undefined, type Value } from "#sources/manifest/python/value";
import { Access } from "./access.ts";
import type { Tools } from "./world.ts";

export type Read = (value: Value) => Value;

/** Reads what `attribute=` names: an index, or names and indexes with dots between them. */
export function attributeReader(attribute: Value, tools: Tools, fallback: Value = null): Read {
  const parts = partsOf(attribute);
  const access = new Access(tools.environment.now);
  return (value) => {
    let item = value;
    for (const part of parts) {
      item = access.item(item, part);
      if (fallback !== null && item instanceof Undefined) item = fallback;
    }
    return item;
  };
}

function partsOf(attribute: Value): readonly Value[] {
  if (attribute === null) return [];
  if (typeof attribute !== "string") return [asInteger(attribute) ?? attribute];
  return attribute.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** For comparisons in which case does not matter. */
export function ignoreCase(value: Value): Value {
  return typeof value === "string" ? value.toLowerCase() : value;
}
