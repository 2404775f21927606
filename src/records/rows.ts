import { z } from "zod";

// Rows as D1 returns them. Times are epoch milliseconds.

export const organizationRow = z.object({ id: z.string(), name: z.string(), created_at: z.number() });
export type OrganizationRow = z.infer<typeof organizationRow>;

export const apiKeyRow = z.object({
  id: z.string(),
  organization_id: z.string(),
  name: z.string(),
  prefix: z.string(),
  created_at: z.number(),
  expires_at: z.number().nullable(),
});
export type ApiKeyRow = z.infer<typeof apiKeyRow>;

/** A JSON text column, parsed by `schema`. */
function jsonText<T>(schema: z.ZodType<T>) {
  return z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema);
}

export const collectionRow = z.object({
  id: z.string(),
  organization_id: z.string(),
  readable_id: z.string(),
  name: z.string(),
  created_at: z.number(),
  modified_at: z.number(),
  /** Of the source connections in the collection. */
  connections: jsonText(z.array(z.object({ short_name: z.string(), name: z.string(), status: z.string() }))),
});
export type CollectionRow = z.infer<typeof collectionRow>;

export const connectionRow = z.object({
  id: z.string(),
  organization_id: z.string(),
  /** The collection's readable id. */
  collection_id: z.string(),
  name: z.string(),
  short_name: z.string(),
  status: z.enum(["active", "syncing", "error", "needs_reauth"]),
  entity_count: z.number(),
  created_at: z.number(),
  modified_at: z.number(),
});
export type ConnectionRow = z.infer<typeof connectionRow>;
