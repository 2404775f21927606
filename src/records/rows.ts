import { z } from "zod";

import { jobStatusSchema } from "#core/job";

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

/** SQLite has no booleans. */
const flag = z.literal([0, 1]).transform((value) => value === 1);

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
  /** By its owner. */
  is_paused: flag,
  entity_count: z.number(),
  created_at: z.number(),
  modified_at: z.number(),
});
export type ConnectionRow = z.infer<typeof connectionRow>;

export const recentJobRow = z.object({
  id: z.string(),
  status: jobStatusSchema,
  created_at: z.number(),
  started_at: z.number().nullable(),
  completed_at: z.number().nullable(),
  entities_inserted: z.number(),
  entities_updated: z.number(),
  entities_deleted: z.number(),
});
export type RecentJobRow = z.infer<typeof recentJobRow>;

/** A connection in a list, with its newest jobs, newest first. */
export const listedConnectionRow = connectionRow.extend({
  next_run_at: z.number().nullable(),
  /** Of the newest job; null where that did not fail. */
  error: z.string().nullable(),
  recent_jobs: jsonText(z.array(recentJobRow)),
});
export type ListedConnectionRow = z.infer<typeof listedConnectionRow>;
