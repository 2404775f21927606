import { z } from "zod";

import type { Json } from "#core/json";

/** Where the reading of one repository's records of one kind ended. */
const repositoryCursorSchema = z.object({
  /** The latest `updated_at` seen, to the second; null where there were no records. */
  watermark: z.string().nullable(),
  /** The ETag of the very request that the next read begins with; null where that request was not made yet. */
  etag: z.string().nullable(),
});
export type RepositoryCursor = z.infer<typeof repositoryCursorSchema>;

export const NOTHING_READ: RepositoryCursor = { watermark: null, etag: null };

/** A stream's cursor. A repository that it does not name is read from its beginning. */
export const cursorSchema = z.object({ repositories: z.record(z.string(), repositoryCursorSchema) });

const position: z.ZodType<Json> = z.json();

/** A stream's checkpoint: what is done, and how far the repository at work is. */
export const checkpointSchema = z.object({
  finished: z.record(z.string(), repositoryCursorSchema),
  /** Repositories that could not be read at first. They are tried again last, so that they don't hold up others. */
  postponed: z.array(z.string()),
  current: z.object({ repository: z.string(), position }).nullable(),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

export const AT_THE_BEGINNING: Checkpoint = { finished: {}, postponed: [], current: null };

/** One request's worth of a repository: its records, and either where to go on or where it ended. */
export type Step<Position> =
  | { readonly records: readonly unknown[]; readonly position: Position; readonly ended: null }
  | { readonly records: readonly unknown[]; readonly position: null; readonly ended: RepositoryCursor };

/**
 * How far behind the watermark the next read begins, in seconds. A record becomes visible some time after the moment
 * it is stamped with; one that is stamped earlier than the last one seen, and visible later, must not be missed.
 * What is read twice is recognised as unchanged.
 */
export const OVERLAP_SECONDS = 60;
