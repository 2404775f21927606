import { z } from "zod";

import { isJsonObject, type Json, type JsonObject } from "#core/json";
import { defineComponent } from "#sources/manifest/component";
import type { ValidationStrategy } from "./config-rule.ts";
import { faultsOf } from "./input-schema.ts";

/** The validator takes objects only. */
const FIELD = "value";

export const validateAdheresToSchema = defineComponent({
  type: "ValidateAdheresToSchema",
  fields: z.object({
    base_schema: z.union([z.record(z.string(), z.json()), z.string().transform(schemaIn)]),
  }),
  build: ({ base_schema: schema }): ValidationStrategy => ({
    faults(value) {
      const checked = z.json().parse(typeof value === "string" ? (jsonIn(value) ?? value) : value);
      return faultsOf({ [FIELD]: checked }, { properties: { [FIELD]: schema } }).map(({ path, message }) =>
        [...path.slice(1), message].join(": "),
      );
    },
  }),
});

/** Schemas and values may be given as the text of JSON. */
function jsonIn(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function schemaIn(text: string, context: z.RefinementCtx): JsonObject {
  const schema = jsonIn(text);
  if (isJsonObject(schema)) return schema;
  context.addIssue({ code: "custom", message: "Expected a JSON schema, or one as the text of JSON." });
  return z.NEVER;
}
