import { z } from "zod";

import { failureKindSchema } from "./failure.ts";
import { countsSchema, rejectionSchema, streamFailureSchema } from "./job.ts";
import type { Json } from "./json.ts";

const jsonSchema: z.ZodType<Json> = z.json();

/**
 * Where a stream stands in the active job.
 *
 * - `reading`: pages are still to come.
 * - `read`: the pass is complete and has orphans, to be deleted once every stream has been read.
 * - `done`: read, and its cursor moved.
 * - `failed`: given up; `failure` says why. What was committed stays.
 */
const streamPhaseSchema = z.enum(["reading", "read", "done", "failed"]);

export const streamProgressSchema = z.object({
  jobId: z.string(),
  /** What its checkpoints depend on besides the stream; see ReadStart. Unknown for a read begun before it was kept. */
  terms: z.string().nullable().default(null),
  phase: streamPhaseSchema,
  /** Reading from the beginning: what the pass does not see is gone. */
  full: z.boolean(),
  /** The cursor this read began with; null when `full`. */
  cursor: jsonSchema,
  /** What the source needs to go on after the last committed page. */
  checkpoint: jsonSchema,
  /** It began where an earlier job had to leave off, so it has not seen everything and proves no deletes. */
  isContinued: z.boolean().default(false),
  /** It went on with other credentials than it began with, which may show other things, so it proves no deletes. */
  isMixed: z.boolean().default(false),
  primaryKey: z.array(z.array(z.string())).nullable(),
  pages: z.number(),
  counts: countsSchema,
  /** Entities in the stream when the pass began. */
  before: z.number(),
  /** Entities in the stream that the pass has seen. */
  seen: z.number(),
  /**
   * Records whose id could not be found out. They may be any of the stored ones, so such a pass proves no deletes; and
   * neither does one that was begun when nobody counted them.
   */
  nameless: z.number().default(1),
  /** The last page's word on where the next job continues from. */
  endCursor: jsonSchema,
  /** Failures in a row since the last committed page. */
  attempts: z.number(),
  /** When to go on, where that is not now; and why then. */
  retryAt: z.number().nullable(),
  reason: z.string().nullable(),
  /** What kind of failure that is, where it is one. */
  reasonKind: failureKindSchema.nullable().optional(),
  /** How often the source lost the cursor in this job. */
  restarts: z.number(),
  /** The source does not have the stream any more, and it was reset: everything in it goes. */
  dropped: z.boolean().default(false),
  /** Orphans are deleted in the order of ids; up to and including this one it has been done. */
  sweptTo: z.string().nullable(),
  failure: streamFailureSchema.nullable(),
  rejections: z.array(rejectionSchema),
});
export type StreamProgress = z.infer<typeof streamProgressSchema>;

export const streamStateSchema = z.object({
  name: z.string(),
  /** Stands for the name in the entities' key. */
  number: z.number(),
  count: z.number(),
  /** Entities are numbered as they are inserted; numbers are not used again. */
  nextEntityNumber: z.number(),
  /** Where the next job continues from. Only ever moves past committed data. */
  cursor: jsonSchema,
  lastChangedAt: z.number().nullable(),
  /** Its owner asked for it to be read anew: where the source does not have it, there is nothing to be read. */
  reset: z.boolean().default(false),
  /** Null when the stream takes no part in the newest job. */
  progress: streamProgressSchema.nullable(),
});
export type StreamState = z.infer<typeof streamStateSchema>;

/** A stream that takes part in a job. */
export type ActiveStream = StreamState & { readonly progress: StreamProgress };

/** Has a pass that sees everything begun? */
export function isPassBegun({ full, checkpoint, seen }: StreamProgress): boolean {
  return full && (checkpoint !== null || seen > 0);
}

/** Is nothing of it left to be asked of the source? */
export function isRead({ progress: { phase } }: ActiveStream): boolean {
  return phase === "read" || phase === "done";
}
