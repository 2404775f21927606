import { z } from "@hono/zod-openapi";

import { errorCategorySchema, jobStatusSchema, syncModeSchema, triggerSchema, type Job } from "#core/job";
import { timestamp, timestampOrNull } from "#http/timestamp";

const count = z.int().min(0);
const time = z.iso.datetime();

/** What the documents show inside a source connection as its last job. */
export const lastJobBodySchema = z.object({
  id: z.uuid(),
  status: jobStatusSchema,
  started_at: time.nullable(),
  completed_at: time.nullable().openapi({ description: "Set on every status that is final." }),
  duration_seconds: z.number().nullable(),
  entities_inserted: count,
  entities_updated: count,
  entities_deleted: count,
  entities_failed: count.openapi({ description: "Entities that could not be stored; `error_details` has a sample." }),
  error: z.string().nullable(),
  error_category: errorCategorySchema.nullable(),
});

const errorDetailsSchema = z.object({
  streams: z.array(z.object({ stream: z.string().nullable(), category: errorCategorySchema, message: z.string() })),
  rejected: z.array(z.object({ stream: z.string(), id: z.string().nullable(), reason: z.string() })),
});

export const jobBodySchema = lastJobBodySchema
  .extend({
    source_connection_id: z.uuid(),
    error_details: errorDetailsSchema.nullable(),
    created_at: time,
    trigger: triggerSchema,
    sync_mode: syncModeSchema,
    entities_kept: count.openapi({ description: "Entities that were seen again unchanged." }),
    waiting_until: time.nullable().openapi({ description: "When the job goes on, while it waits for the source." }),
    waiting_reason: z.string().nullable(),
  })
  .openapi("SourceConnectionJob", {
    example: {
      id: "770e8400-e29b-41d4-a716-446655440000",
      source_connection_id: "550e8400-e29b-41d4-a716-446655440000",
      status: "PENDING",
      started_at: null,
      completed_at: null,
      duration_seconds: null,
      entities_inserted: 0,
      entities_updated: 0,
      entities_deleted: 0,
      entities_failed: 0,
      error: null,
      error_category: null,
      error_details: null,
      created_at: "2026-03-15T09:30:00.000Z",
      trigger: "manual",
      sync_mode: "full",
      entities_kept: 0,
      waiting_until: null,
      waiting_reason: null,
    },
  });

export type LastJobBody = z.infer<typeof lastJobBodySchema>;
export type JobBody = z.infer<typeof jobBodySchema>;

/** Null until a job has ended. One that was cancelled before it started took no time. */
export function durationSeconds(startedAt: number | null, completedAt: number | null): number | null {
  return completedAt === null ? null : (completedAt - (startedAt ?? completedAt)) / 1000;
}

export function lastJobBody(job: Job): LastJobBody {
  return {
    id: job.id,
    status: job.status,
    started_at: timestampOrNull(job.startedAt),
    completed_at: timestampOrNull(job.completedAt),
    duration_seconds: durationSeconds(job.startedAt, job.completedAt),
    entities_inserted: job.counts.inserted,
    entities_updated: job.counts.updated,
    entities_deleted: job.counts.deleted,
    entities_failed: job.counts.failed,
    error: job.error,
    error_category: job.errorCategory,
  };
}

export function jobBody(job: Job): JobBody {
  const hasDetails = job.failures.length > 0 || job.rejections.length > 0;
  return {
    ...lastJobBody(job),
    source_connection_id: job.connectionId,
    error_details: hasDetails ? { streams: job.failures, rejected: job.rejections } : null,
    created_at: timestamp(job.createdAt),
    trigger: job.trigger,
    sync_mode: job.mode,
    entities_kept: job.counts.kept,
    waiting_until: timestampOrNull(job.waiting?.until ?? null),
    waiting_reason: job.waiting?.reason ?? null,
  };
}
