import { z } from "zod";

import type { Json } from "#core/json";
import { type Page, SourceFailure } from "#sources/source";

/** A sequence of records that come into being one after another, the first at once. */
export interface PacedSequence {
  readonly count: number;
  /** From one record to the next; 0 makes all of them available at once. */
  readonly spacingMs: number;
  recordAt(index: number): unknown;
  /** What a sequence that breaks off ends with, instead of an end. */
  readonly failure: SourceFailure | null;
}

/** Many pages even for a hundred entities' worth of seconds; few enough for 100,000 entities at once. */
const PAGE_RECORDS = 100;

/** Each wait is a new slice: a sequence faster than this is handed out in handfuls, not record by record. */
const SHORTEST_WAIT_MS = 250;

const checkpointSchema = z.object({
  /** Epoch milliseconds at which the first record was due. */
  started_at: z.number(),
  emitted: z.int(),
});

/**
 * The pages of a sequence, as far as its records are due. Nothing sleeps here: after what is due comes a page
 * with `resumeAt`, and the read stops.
 */
export async function* pacedPages(
  sequence: PacedSequence,
  checkpoint: Json,
  now: () => number,
): AsyncGenerator<Page, void> {
  const { count, spacingMs, failure } = sequence;
  const begun = checkpoint === null ? { started_at: now(), emitted: 0 } : checkpointSchema.parse(checkpoint);
  const { started_at } = begun;
  let { emitted } = begun;

  while (emitted < count) {
    const due = spacingMs === 0 ? count : Math.min(count, Math.floor((now() - started_at) / spacingMs) + 1);
    const until = Math.max(emitted, Math.min(due, emitted + PAGE_RECORDS));
    const records = Array.from({ length: until - emitted }, (_, offset) => sequence.recordAt(emitted + offset));
    emitted = until;
    const page = { records, tombstones: [], checkpoint: { started_at, emitted }, end: null };
    if (emitted === count && failure === null) {
      yield { ...page, end: { cursor: null, complete: true } };
      return;
    }
    if (emitted < count && emitted >= due) {
      yield { ...page, resumeAt: Math.ceil(Math.max(started_at + emitted * spacingMs, now() + SHORTEST_WAIT_MS)) };
      return;
    }
    yield page;
  }
  if (failure !== null) throw failure;
}
