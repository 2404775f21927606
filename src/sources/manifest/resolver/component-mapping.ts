import { z } from "zod";

import type { JsonObject } from "#core/json";
import { optionalCondition } from "#sources/manifest/condition";
import { yamlValue } from "#sources/manifest/document/parse-document";
import { replaceAt, setAt } from "#sources/manifest/record/path";
import type { ValueType } from "#sources/manifest/template/template";
import type { Scope } from "#sources/manifest/scope";
import { text } from "#sources/manifest/text";

/** Fills a copy of a template in with what is known of one stream. */
export interface ComponentMapping {
  fill(filled: Record<string, unknown>, occasion: Occasion): void;
}

export interface Occasion {
  readonly components_values: unknown;
  readonly stream_template_config: JsonObject;
  readonly stream_slice?: unknown;
}

const TYPES = { string: "str", number: "float", integer: "int", boolean: "bool" } as const satisfies Record<
  string,
  ValueType
>;

const fields = z.object({
  field_path: z.array(text).min(1),
  value: text,
  value_type: z.enum(["string", "number", "integer", "boolean"]).nullish(),
  create_or_update: z.boolean().nullish(),
  condition: optionalCondition,
});

export interface MappingTerms {
  /** A text that reads as YAML becomes its value. */
  readonly readsYaml: boolean;
  /** Fields that the template does not have are made where the mapping asks for it. */
  readonly creates: boolean;
}

export const componentMapping: z.ZodType<(scope: Scope, terms: MappingTerms) => ComponentMapping> = fields.transform(
  (parts) => (scope, terms) => {
    const path = parts.field_path.map((part) => part(scope));
    const value = parts.value(scope);
    const condition = parts.condition?.(scope) ?? null;
    const type = parts.value_type ?? null;
    const validTypes = type === null ? undefined : [TYPES[type]];
    return {
      fill(filled, occasion) {
        if (condition !== null && !condition({ ...occasion })) return;
        const evaluated = value.value({ ...occasion }, { validTypes });
        const isYaml = terms.readsYaml && typeof evaluated === "string" && type !== "string";
        const found = isYaml ? yamlValue(evaluated) : evaluated;
        const at = path.map((part) => part.text({ ...occasion }));
        const isThere = replaceAt(filled, at, found) > 0;
        if (!isThere && terms.creates && parts.create_or_update === true && isSomething(found))
          setAt(filled, at, found);
      },
    };
  },
);

/** Python's idea of it. */
function isSomething(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === 0 || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
