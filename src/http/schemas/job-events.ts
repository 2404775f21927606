import { z } from "@hono/zod-openapi";

import type { JobProgress, StreamView } from "#core/job-progress";
import { errorCategorySchema } from "#core/job";
import { timestamp, timestampOrNull } from "#http/timestamp";
import { jobBody, jobBodySchema } from "./job.ts";

const count = z.int().min(0);

const streamProgressSchema = z
  .object({
    stream: z.string(),
    state: z.enum(["waiting", "reading", "read", "done", "failed"]).openapi({
      description: "`read`: read to its end, with entities to be deleted once every stream has been read.",
    }),
    sync_mode: z.enum(["full", "incremental"]),
    pages: count,
    entities_inserted: count,
    entities_updated: count,
    entities_deleted: count,
    entities_kept: count,
    entities_failed: count,
    entity_count: count.openapi({ description: "Entities in the copy." }),
    entities_before: count.openapi({ description: "Entities in the copy when the read began." }),
    entities_seen: count.openapi({ description: "Entities in the copy that this read has seen." }),
    waiting_until: z.iso.datetime().nullable(),
    waiting_reason: z.string().nullable(),
    error: z.string().nullable(),
    error_category: errorCategorySchema.nullable(),
  })
  .openapi("StreamProgress");
type StreamProgressBody = z.infer<typeof streamProgressSchema>;

/** What the events `snapshot`, `progress` and `end` carry. */
export const jobProgressSchema = z
  .object({
    at: z.iso.datetime(),
    job: jobBodySchema,
    records_per_second: z.number().openapi({
      description: "Over the last ten seconds or so; of the whole job in the first event and the last.",
    }),
    streams: z.array(streamProgressSchema).openapi({
      description: "All of them in `snapshot` and `end`, those that have changed in `progress`.",
    }),
    log_cursor: z.string().openapi({ description: "The log's `cursor` for what comes after this event." }),
  })
  .openapi("SyncJobProgress");

export function streamBody({ name, work, isFull, pages, counts, count: now, ...view }: StreamView): StreamProgressBody {
  return {
    stream: name,
    state: work,
    sync_mode: isFull ? "full" : "incremental",
    pages,
    entities_inserted: counts.inserted,
    entities_updated: counts.updated,
    entities_deleted: counts.deleted,
    entities_kept: counts.kept,
    entities_failed: counts.failed,
    entity_count: now,
    entities_before: view.before,
    entities_seen: view.seen,
    waiting_until: timestampOrNull(view.waiting?.until ?? null),
    waiting_reason: view.waiting?.reason ?? null,
    error: view.failure?.message ?? null,
    error_category: view.failure?.category ?? null,
  };
}

export function progressBody(
  { at, job }: JobProgress,
  rate: number,
  streams: StreamProgressBody[],
  logCursor: string,
): z.infer<typeof jobProgressSchema> {
  return { at: timestamp(at), job: jobBody(job), records_per_second: rate, streams, log_cursor: logCursor };
}
