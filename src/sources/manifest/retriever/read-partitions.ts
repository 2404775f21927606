import type { Json, JsonObject } from "#core/json";
import { SourceFailure, type Page } from "#sources/source";
import {
  closePartition,
  finishState,
  NO_STATE,
  parsedState,
  sinceOf,
  type CursorState,
} from "#sources/manifest/incremental/cursor-state";
import type { CursorValue, IncrementalSync, Window } from "#sources/manifest/incremental/incremental-sync";
import {
  isPause,
  type Partition,
  type PartitionRouter,
  type PartitionsEnd,
  type Pause,
} from "#sources/manifest/partition/partition-router";
import { partitionKey } from "#sources/manifest/partition/partition-key";
import { setPartitionOf } from "#sources/manifest/partition/record-partition";
import { SeenPartitions } from "#sources/manifest/partition/seen-partitions";
import type { IsWanted } from "#sources/manifest/selector/selector";
import type { StreamSlice } from "#sources/manifest/stream-slice";
import { PageBatch } from "./page-batch.ts";
import type { FetchedPage } from "./page-fetch.ts";
import type { PaginationReset } from "./pagination-reset.ts";
import { readCheckpointSchema, type ReadCheckpoint } from "./read-checkpoint.ts";
import { SameBodies, watchTokens } from "./repetition.ts";
import type { Read } from "./retriever.ts";

export interface ReadParts {
  readonly stream: string;
  readonly router: PartitionRouter | null;
  readonly incremental: IncrementalSync | null;
  readonly reset: PaginationReset | null;
  /** The first page's token; null where it needs none. */
  readonly initialToken: Json;
  readonly now: () => number;
  fetch(slice: StreamSlice, token: Json, isWanted: IsWanted): Promise<FetchedPage>;
}

/** Resets in a row that a window may need without getting any further: one may be a hiccup of the API. */
const FRUITLESS_RESETS = 2;

/**
 * Reads a stream: its partitions one after the other, each in the windows of its cursor, each window page by page.
 * After every page the read can be continued from the page's checkpoint, in this process or another.
 */
export async function* readPartitions(parts: ReadParts, read: Read): AsyncGenerator<Page, void, undefined> {
  const reading = new Reading(parts, read);
  yield* reading.pages();
}

class Reading {
  readonly #parts: ReadParts;
  /** What the last job's read ended with. */
  readonly #before: CursorState;
  readonly #isFull: boolean;
  readonly #batch = new PageBatch();
  readonly #seen = new SeenPartitions();
  #at: ReadCheckpoint;

  constructor(parts: ReadParts, read: Read) {
    this.#parts = parts;
    this.#isFull = read.cursor === null;
    this.#before = parsedState(read.cursor);
    this.#at =
      read.checkpoint === null ? beginning(parts.now()) : continued(readCheckpointSchema.parse(read.checkpoint));
  }

  async *pages(): AsyncGenerator<Page, void, undefined> {
    const { router } = this.#parts;
    const partitions = (router ?? UNPARTITIONED).partitions({
      position: this.#at.position,
      inclusive: !this.#at.isRead,
      // Only where the stream's own cursor is stored is there one for its parents; otherwise all are read each time.
      cursor: this.#parts.incremental === null ? null : this.#before.router,
    });
    try {
      for (;;) {
        const next = await partitions.next();
        if (next.done === true) {
          yield this.#last(next.value);
          return;
        }
        if (isPause(next.value)) {
          yield this.#paused(next.value);
          continue;
        }
        if (!this.#isAgain(next.value)) yield* this.#partition(next.value);
      }
    } catch (error) {
      // What was read before the failure need not be read again.
      if (!this.#batch.isEmpty) yield this.#batch.take();
      throw error;
    } finally {
      await partitions.return({ cursor: null, complete: false });
    }
  }

  /** As in the CDK, only a stream with a cursor leaves out a partition that comes again. */
  #isAgain({ partition, isPassed }: Partition): boolean {
    if (this.#parts.incremental === null || isPassed === true) return false;
    return !this.#seen.isNew(partitionKey(partition));
  }

  #paused({ resumeAt, position }: Pause): Page {
    this.#at = { ...beginningOfPartition(this.#at), position };
    this.#batch.add([], this.#at);
    return { ...this.#batch.take(), resumeAt };
  }

  async *#partition(holder: Partition): AsyncGenerator<Page, void, undefined> {
    const { partition, extraFields, position } = holder;
    const { incremental } = this.#parts;
    const isContinued = !this.#at.isRead && sameJson(position, this.#at.position);
    if (!isContinued) {
      this.#at = { ...beginningOfPartition(this.#at), position };
    }
    const since = incremental === null ? null : sinceOf(this.#before, holder, incremental.isGlobal);
    const windows: readonly Window[] = incremental?.windows(since, this.#at.startedAt) ?? [WHOLE];
    const end = windows.at(-1)?.end ?? null;
    for (let window = windows[this.#at.window]; window !== undefined; window = windows[this.#at.window]) {
      yield* this.#window({ partition, extraFields, cursorSlice: window.cursorSlice }, since);
      const isLast = this.#at.window + 1 >= windows.length;
      this.#at = isLast ? this.#closed(holder, end) : beginningOfWindow(this.#at, this.#at.window + 1);
      // The last page of a window is gathered with what follows it, so its checkpoint is that of the window's end.
      this.#batch.mark(this.#at);
      if (this.#batch.isEnough) yield this.#batch.take();
      if (isLast) return;
    }
    // No window: there is nothing to read since the last time.
    this.#at = this.#closed(holder, end);
  }

  /** Reads a window's pages; the last of them stays in the batch. */
  async *#window(slice: StreamSlice, since: CursorValue | null): AsyncGenerator<Page, void, undefined> {
    const { incremental, initialToken, stream } = this.#parts;
    const isWanted: IsWanted = (record) =>
      incremental === null || !filtersHere(incremental) || incremental.isNew(record, since);
    const bodies = new SameBodies();
    for (;;) {
      const { from } = this.#at;
      const narrowed = from === null ? slice : { ...slice, cursorSlice: beginningAt(slice.cursorSlice, from) };
      const page = await this.#parts.fetch(narrowed, this.#at.token ?? initialToken, isWanted);
      if (page.isReset) {
        this.#at = this.#reset(this.#at);
        continue;
      }
      for (const record of page.records) setPartitionOf(record, slice.partition);
      bodies.watch(page.body, page.records.length > 0, stream);
      const count = this.#at.count + page.records.length;
      const observed = this.#newest(page.records, this.#at.observed);
      this.#at = {
        ...this.#at,
        observed,
        count,
        hasGap: this.#at.hasGap || page.isPartial,
        isPartial: this.#at.isPartial || page.isPartial,
      };
      const limit = this.#parts.reset?.recordLimit ?? null;
      if (limit !== null && count >= limit) this.#at = this.#reset(this.#at);
      else if (page.next !== null) {
        const isHeldByApi = sameJson(page.next, this.#at.token);
        const loop = isHeldByApi ? this.#at.loop : watchTokens(this.#at.loop, page.next, stream);
        this.#at = { ...this.#at, token: page.next, isHeldByApi, loop };
      }
      this.#batch.add([...page.records, ...page.misfits], this.#at);
      const isOver = page.next === null && (limit === null || count < limit);
      if (isOver) return;
      yield { ...this.#batch.take(), ...(page.resumeAt === null ? {} : { resumeAt: page.resumeAt }) };
    }
  }

  /** Begins the window's pages again; from the newest record seen where the manifest wants it cut there. */
  #reset(at: ReadCheckpoint): ReadCheckpoint {
    const { reset, stream } = this.#parts;
    const from = reset?.splitsByCursor === true ? at.observed : null;
    const resets = from === at.from ? at.resets + 1 : 0;
    if (resets >= FRUITLESS_RESETS) {
      throw new SourceFailure({
        kind: "bad_response",
        message: `The API asked to begin again with the pages of ${stream}, and it got no further by that.`,
        final: true,
      });
    }
    return { ...at, token: null, isHeldByApi: false, loop: null, count: 0, from, resets };
  }

  #closed(holder: Partition, end: CursorValue | null): ReadCheckpoint {
    const { incremental } = this.#parts;
    const changes =
      incremental === null
        ? this.#at.changes
        : closePartition(this.#at.changes, {
            before: this.#before,
            holder,
            // What is missing may be older than the newest record that was seen: the next job reads it all again.
            observed: this.#at.hasGap ? null : this.#at.observed,
            end,
            incremental,
          });
    return { ...beginningOfPartition(this.#at), isRead: true, changes };
  }

  #last(end: PartitionsEnd): Page {
    const { incremental } = this.#parts;
    const isProven = incremental === null || !incremental.startMoves;
    const elapsedMs = this.#parts.now() - this.#at.startedAt;
    const cursor =
      incremental === null ? null : finishState(this.#before, this.#at.changes, { incremental, end, elapsedMs });
    const complete = this.#isFull && isProven && end.complete && !this.#at.isPartial;
    if (this.#batch.isEmpty) this.#batch.add([], this.#at);
    return this.#batch.take({ cursor, complete });
  }

  #newest(records: readonly Record<string, unknown>[], observed: CursorValue | null): CursorValue | null {
    const { incremental } = this.#parts;
    if (incremental === null) return null;
    const newest = incremental.newestOf(records);
    return observed === null || (newest !== null && incremental.compare(newest, observed) > 0) ? newest : observed;
  }
}

/** A stream without a cursor is read as one window. */
const WHOLE: Window = { cursorSlice: {}, end: "" };

/** A stream that is not partitioned is one partition without a name. */
const UNPARTITIONED: Pick<PartitionRouter, "partitions"> = {
  async *partitions({ inclusive }) {
    if (inclusive) yield { partition: {}, extraFields: {}, position: null };
    return { cursor: null, complete: true };
  },
};

function filtersHere({ isClientSide, isDataFeed }: IncrementalSync): boolean {
  return isClientSide || isDataFeed;
}

/** A read that goes on where the API holds its place can't tell whether a page was lost. It proves no deletes. */
function continued(at: ReadCheckpoint): ReadCheckpoint {
  return at.isHeldByApi ? { ...at, hasGap: true, isPartial: true } : at;
}

function beginning(now: number): ReadCheckpoint {
  return {
    startedAt: now,
    position: null,
    isRead: false,
    window: 0,
    token: null,
    from: null,
    count: 0,
    resets: 0,
    loop: null,
    isHeldByApi: false,
    hasGap: false,
    observed: null,
    changes: NO_STATE,
    isPartial: false,
  };
}

function beginningOfWindow(at: ReadCheckpoint, window: number): ReadCheckpoint {
  return { ...at, window, token: null, from: null, count: 0, resets: 0, loop: null, isHeldByApi: false };
}

function beginningOfPartition(at: ReadCheckpoint): ReadCheckpoint {
  return { ...beginningOfWindow(at, 0), isRead: false, hasGap: false, observed: null };
}

/** A window's first field is its beginning. */
function beginningAt(cursorSlice: JsonObject, from: CursorValue): JsonObject {
  const [start] = Object.keys(cursorSlice);
  return start === undefined ? cursorSlice : { ...cursorSlice, [start]: from };
}

function sameJson(a: Json, b: Json): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
