import { z } from "@hono/zod-openapi";

import type { JsonPage, NewestChanges } from "#connection/rpc";
import { jsonObject } from "./authentication.ts";

const time = z.iso.datetime();

export const entitySchema = z
  .object({
    stream: z.string(),
    id: z.string(),
    data: jsonObject,
    first_seen_at: time,
    last_modified_at: time,
    job_id: z.uuid().openapi({ description: "The job that last changed it." }),
  })
  .openapi("Entity");

export const entityPageSchema = z
  .object({ entities: z.array(entitySchema), next_cursor: z.string().nullable(), has_more: z.boolean() })
  .openapi("EntityPage");

export type EntityPageBody = z.infer<typeof entityPageSchema>;

const changeSchema = z
  .object({
    op: z.enum(["upsert", "delete"]),
    stream: z.string(),
    id: z.string(),
    entity: jsonObject.nullable().openapi({ description: "Its newest state; null for a delete." }),
    job_id: z.uuid(),
    at: time,
  })
  .openapi("Change");

export const changePageSchema = z
  .object({
    changes: z.array(changeSchema),
    next_cursor: z.string().openapi({ description: "Keep it, and pass it as `since` next time; it never expires." }),
    has_more: z.boolean(),
    older_cursor: z.string().nullable().optional().openapi({
      description: "With `newest_first` only: pass it as `before` to see what came earlier; null where nothing did.",
    }),
  })
  .openapi("ChangePage");

export type ChangePageBody = z.infer<typeof changePageSchema>;

/** Spells a page whose items are JSON texts already, without parsing them. */
export function pageText(field: "entities" | "changes", { items, nextCursor, hasMore }: JsonPage): string {
  return `{"${field}":[${items.join(",")}],"next_cursor":${JSON.stringify(nextCursor)},"has_more":${hasMore}}`;
}

/** The same for changes that begin with the newest. */
export function newestChangesText({ items, nextCursor, olderCursor }: NewestChanges): string {
  const hasMore = olderCursor !== null;
  return `${pageText("changes", { items, nextCursor, hasMore }).slice(0, -1)},"older_cursor":${JSON.stringify(olderCursor)}}`;
}
