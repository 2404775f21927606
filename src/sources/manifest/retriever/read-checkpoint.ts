import { z } from "zod";

import type { Json } from "#core/json";
import { pageLoopWatchSchema } from "#sources/page-loop";
import { cursorStateSchema } from "#sources/manifest/incremental/cursor-state";

const json: z.ZodType<Json> = z.json();

/** Where a read stands between two pages. Stored with each page, so it has to stay small. */
export const readCheckpointSchema = z.object({
  /** When the read began, in epoch milliseconds: its windows end there, however long it takes. */
  startedAt: z.number(),
  /** The router's word for the partition being read; null before the first, and where there are no partitions. */
  position: json,
  /** Has that partition been read to its end? */
  isRead: z.boolean(),
  /** Which of the partition's windows is being read. */
  window: z.int(),
  /** The next page's token; null for the window's first page. */
  token: json,
  /** Where the window begins after the API asked for a smaller one; null for its own beginning. */
  from: z.string().nullable(),
  /** Records of the window since its pages were last begun with, for streams that limit them. */
  count: z.int(),
  /** Resets in a row that made no progress. */
  resets: z.int(),
  /** For noticing tokens that go round in circles. */
  loop: pageLoopWatchSchema.nullable(),
  /**
   * The token is the one that the page before had: the API itself remembers where the read is. What was asked for and
   * not kept, it does not give again.
   */
  isHeldByApi: z.boolean(),
  /** Records of this partition may be missing: an answer was left out, or the API held its place in an interrupted read. */
  hasGap: z.boolean(),
  /** The newest cursor value of the partition's records so far. */
  observed: z.string().nullable(),
  /** What this read changes in the stream's state. */
  changes: cursorStateSchema,
  /** Was an answer left out that may have had records? */
  isPartial: z.boolean(),
});
export type ReadCheckpoint = z.infer<typeof readCheckpointSchema>;
