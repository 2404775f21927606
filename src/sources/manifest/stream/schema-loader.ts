import { z } from "zod";

import { isJsonObject, type JsonObject } from "#core/json";

const loaderSchema = z.object({
  type: z.string().default("InlineSchemaLoader"),
  class_name: z.string().optional(),
  schema: z.record(z.string(), z.json()).optional(),
});

/**
 * The JSON schema that a stream brings along; null where it is elsewhere, or found out from the API. Several loaders'
 * properties add up, and the later ones' win.
 */
export const schemaLoader: z.ZodType<JsonObject | null> = z.unknown().transform((given, context): JsonObject | null => {
  const schemas: JsonObject[] = [];
  for (const one of [given].flat()) {
    const loader = loaderSchema.safeParse(one);
    if (!loader.success) {
      context.issues.push({
        code: "custom",
        message: "Expected a schema loader: an object with a type.",
        input: given,
      });
      return z.NEVER;
    }
    const { type, class_name: customClass = type, schema } = loader.data;
    if (type.startsWith("Custom")) {
      const message = `${type} ${customClass} needs Python code, which Sluice does not run.`;
      context.issues.push({ code: "custom", message, params: { customClass }, input: given });
      return z.NEVER;
    }
    if (schema !== undefined) schemas.push(schema);
  }
  const [first] = schemas;
  if (first === undefined) return null;
  const properties = schemas.flatMap(({ properties: own }) => (isJsonObject(own) ? Object.entries(own) : []));
  return schemas.length === 1 ? first : { ...first, properties: Object.fromEntries(properties) };
});
