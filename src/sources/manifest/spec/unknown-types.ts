import { isJsonObject, type Json } from "#core/json";
import type { ManifestIssue } from "#sources/manifest/document/manifest-error";
import { nearestName } from "#sources/manifest/nearest-name";

const TYPES = ["string", "integer", "number", "boolean", "array", "object", "null"] as const;

const KNOWN: ReadonlySet<Json> = new Set(TYPES);

/** Keywords whose members are schemas, by names that are anybody's. */
const NAMED: ReadonlySet<string> = new Set(["properties", "patternProperties", "definitions", "$defs"]);

/** Keywords that have no schema in them. */
const LITERAL: ReadonlySet<string> = new Set(["type", "default", "const", "enum", "examples", "required"]);

/** Types in a JSON schema that no value is of, such as `text`: what has one of them can't be given. */
export function unknownTypes(schema: Json | undefined, path: readonly string[]): ManifestIssue[] {
  if (Array.isArray(schema)) return schema.flatMap((each, index) => unknownTypes(each, [...path, String(index)]));
  if (schema === undefined || !isJsonObject(schema)) return [];
  return Object.entries(schema).flatMap(([keyword, value]) => {
    const at = [...path, keyword];
    if (keyword === "type") return [value].flat().flatMap((type) => issueOf(type, at));
    if (LITERAL.has(keyword)) return [];
    if (!NAMED.has(keyword) || !isJsonObject(value)) return unknownTypes(value, at);
    return Object.entries(value).flatMap(([name, inner]) => unknownTypes(inner, [...at, name]));
  });
}

function issueOf(type: Json, path: readonly string[]): ManifestIssue[] {
  if (KNOWN.has(type)) return [];
  const meant = typeof type === "string" ? nearestName(type, TYPES) : null;
  const hint = meant === null ? "" : ` (did you mean ${meant}?)`;
  const message = `JSON has no type ${JSON.stringify(type)}${hint}: expected ${TYPES.slice(0, -1).join(", ")} or null. No value is of another.`;
  return [{ path, message }];
}
