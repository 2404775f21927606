import type { z } from "@hono/zod-openapi";

/** Refuses a change of nothing, and says so in the document: at least one of the fields has to be there. */
export function atLeastOne<Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>, name: string, about: object = {}) {
  const anyOf = Object.keys(schema.shape).map((field) => ({ required: [field] }));
  return schema
    .refine((patch) => Object.keys(patch).length > 0, "At least one field must be provided for update")
    .openapi(name, { anyOf, ...about });
}
