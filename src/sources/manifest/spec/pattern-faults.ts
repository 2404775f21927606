import { isJsonObject, type Json, type JsonObject } from "#core/json";
import { Regex } from "#sources/manifest/python/regex";
import { propertiesOf } from "./alternatives.ts";
import type { InputFault } from "./input-fault.ts";

/** Where texts do not match their patterns. A pattern that can't be used, or that would take too long, refuses nothing. */
export function patternFaults(value: Json, schema: JsonObject, path: readonly string[]): InputFault[] {
  if (typeof value === "string") return matches(value, schema["pattern"]) ? [] : [faultAt(path, schema)];
  if (Array.isArray(value)) {
    const { items } = schema;
    return isJsonObject(items) ? value.flatMap((item, index) => patternFaults(item, items, [...path, `${index}`])) : [];
  }
  if (!isJsonObject(value)) return [];
  return Object.entries(propertiesOf(schema)).flatMap(([name, property]) =>
    isJsonObject(property) && Object.hasOwn(value, name)
      ? patternFaults(value[name] ?? null, property, [...path, name])
      : [],
  );
}

function matches(text: string, pattern: Json | undefined): boolean {
  if (typeof pattern !== "string") return true;
  try {
    return new Regex(pattern).search(Array.from(text)) !== undefined;
  } catch {
    return true;
  }
}

/** `pattern_descriptor` is Airbyte's way to say a pattern for people. */
function faultAt(path: readonly string[], schema: JsonObject): InputFault {
  const { pattern, pattern_descriptor: descriptor } = schema;
  const wanted = typeof descriptor === "string" ? descriptor : `the pattern ${JSON.stringify(pattern)}`;
  return { path, kind: "wrong", message: `Input should match ${wanted}` };
}
