import { z } from "zod";

import type { Json } from "#core/json";
import { CursorLost } from "#sources/source";
import { partitionKey } from "#sources/manifest/partition/partition-key";
import type { Partition, PartitionsEnd } from "#sources/manifest/partition/partition-router";
import type { CursorValue, IncrementalSync } from "./incremental-sync.ts";

/**
 * Partitions with a cursor of their own. Past that many they share one: the state is stored with every job, and what a
 * job changes in it with every page.
 */
const PARTITION_LIMIT = 5_000;

const json: z.ZodType<Json> = z.json();

/** Where the reads of a stream got to; also what one read changes in that, until it is over. */
export const cursorStateSchema = z.object({
  /** Of a stream that is not partitioned. */
  whole: z.string().nullable(),
  /**
   * By the key of a partition, its cursor. Where partitions share one, null: that it is known is why it can begin
   * there. Changes may have a partition twice; the newer one counts.
   */
  partitions: z.array(z.tuple([z.string(), z.string().nullable()])),
  /** Of the changes: how many partitions are new, or may be. */
  added: z.int(),
  /** There were more partitions than are kept apart. */
  isPastLimit: z.boolean(),
  /** The newest value that any partition had. */
  newest: z.string().nullable(),
  /** Where partitions begin that share their state; null where they have to begin at the start. */
  shared: z.string().nullable(),
  /** The partition router's own. */
  router: json,
});
export type CursorState = z.infer<typeof cursorStateSchema>;

export const NO_STATE: CursorState = {
  whole: null,
  partitions: [],
  added: 0,
  isPastLimit: false,
  newest: null,
  shared: null,
  router: null,
};

type Order = Pick<IncrementalSync, "compare">;

/** A cursor that this version can't read is as good as lost: throws CursorLost, and the stream is read in full. */
export function parsedState(cursor: Json): CursorState {
  if (cursor === null) return NO_STATE;
  const state = cursorStateSchema.safeParse(cursor);
  if (!state.success) throw new CursorLost("The stored cursor is not one of this source.");
  return state.data;
}

/** What state is kept by. */
export type StateHolder = Pick<Partition, "partition" | "members">;

/**
 * Where a partition's read begins; null for the configured start.
 *
 * A partition that was not there before begins at the start also where the others share a cursor: its records can be
 * older than theirs. Only past the limit, where nobody knows who is new, does it begin where all do.
 */
export function sinceOf(state: CursorState, holder: StateHolder, isGlobal: boolean): CursorValue | null {
  if (isWhole(holder)) return state.whole;
  if (state.isPastLimit) return state.shared;
  const known = indexOf(state);
  if (isGlobal || holder.members !== undefined)
    return keysOf(holder).every((key) => known.has(key)) ? state.shared : null;
  return known.get(partitionKey(holder.partition)) ?? null;
}

/**
 * What a read changes, once it has read all windows of a partition.
 *
 * @param changes those of the partitions before it
 * @param closed `observed` is the newest value among the partition's records, `end` that of its last window: a record
 * that claims to be from the future must not move the cursor past what was read
 */
export function closePartition(
  changes: CursorState,
  closed: {
    readonly before: CursorState;
    readonly holder: StateHolder;
    readonly observed: CursorValue | null;
    readonly end: CursorValue | null;
    readonly incremental: Pick<IncrementalSync, "compare" | "isGlobal">;
  },
): CursorState {
  const { before, holder, incremental } = closed;
  const value = earliest(closed.observed, closed.end, incremental);
  const newest = latest(changes.newest, value, incremental);
  if (isWhole(holder)) return { ...changes, whole: latest(changes.whole, value, incremental), newest };
  if (before.isPastLimit || changes.isPastLimit) return { ...changes, newest };
  const known = indexOf(before);
  const isShared = incremental.isGlobal || holder.members !== undefined;
  const entries = isShared
    ? keysOf(holder).map((key): [string, null] => [key, null])
    : advanced(partitionKey(holder.partition), known, value, incremental);
  const added = changes.added + entries.filter(([key]) => !known.has(key)).length;
  const partitions = changes.partitions.concat(entries);
  const next = { ...changes, partitions, added, newest };
  return known.size + added > PARTITION_LIMIT ? withinLimit(next, known, incremental) : next;
}

/**
 * The state after a read that came to its end.
 *
 * @param over `elapsedMs` is how long the read took. Where partitions share a cursor they next begin that much before
 * the newest value: the first of them were read that much earlier than the last.
 */
export function finishState(
  before: CursorState,
  changes: CursorState,
  over: {
    readonly incremental: Pick<IncrementalSync, "compare" | "earlier">;
    readonly end: PartitionsEnd;
    readonly elapsedMs: number;
  },
): CursorState {
  const { incremental, end, elapsedMs } = over;
  const isPastLimit = before.isPastLimit || changes.isPastLimit;
  const newest = latest(before.newest, changes.newest, incremental);
  // In whole seconds, as the CDK counts them.
  const lookbackMs = Math.ceil(Math.max(0, elapsedMs) / 1000) * 1000;
  const candidate = changes.newest === null || newest === null ? null : incremental.earlier(newest, lookbackMs);
  return {
    whole: latest(before.whole, changes.whole, incremental),
    partitions: isPastLimit ? [] : merged(before, changes, end.complete, incremental),
    added: 0,
    isPastLimit,
    newest,
    shared: latest(before.shared, candidate, incremental),
    router: end.cursor,
  };
}

/**
 * A partition that shares its cursor and was not shown by a router that showed all is forgotten: should it come back,
 * what happened to it meanwhile may be older than the shared cursor.
 */
function merged(
  before: CursorState,
  changes: CursorState,
  isComplete: boolean,
  order: Order,
): CursorState["partitions"] {
  const kept = isComplete ? before.partitions.filter(([, value]) => value !== null) : before.partitions;
  return distinct([...kept, ...changes.partitions], order);
}

function distinct(entries: CursorState["partitions"], order: Order): CursorState["partitions"] {
  const newest = new Map<string, CursorValue | null>();
  for (const [key, value] of entries) newest.set(key, latest(newest.get(key) ?? null, value, order));
  return [...newest];
}

function withinLimit(changes: CursorState, known: ReadonlyMap<string, unknown>, order: Order): CursorState {
  const partitions = distinct(changes.partitions, order);
  const added = partitions.filter(([key]) => !known.has(key)).length;
  return known.size + added > PARTITION_LIMIT
    ? { ...changes, partitions: [], added: 0, isPastLimit: true }
    : { ...changes, partitions, added };
}

/** A partition's entry, if it moved. */
function advanced(
  key: string,
  known: ReadonlyMap<string, CursorValue | null>,
  value: CursorValue | null,
  order: Order,
): [string, CursorValue][] {
  const old = known.get(key) ?? null;
  const next = latest(old, value, order);
  return next === null || next === old ? [] : [[key, next]];
}

function isWhole({ partition, members }: StateHolder): boolean {
  return members === undefined && Object.keys(partition).length === 0;
}

function keysOf({ partition, members }: StateHolder): string[] {
  return (members ?? [partition]).map(partitionKey);
}

/** The old one where they are equal. */
function latest(old: CursorValue | null, value: CursorValue | null, order: Order) {
  if (old === null || value === null) return old ?? value;
  return order.compare(value, old) > 0 ? value : old;
}

function earliest(value: CursorValue | null, end: CursorValue | null, order: Order) {
  return value !== null && end !== null && order.compare(value, end) > 0 ? end : value;
}

/** A state is looked into once a partition, and never changed. */
const indices = new WeakMap<CursorState, ReadonlyMap<string, CursorValue | null>>();

function indexOf(state: CursorState): ReadonlyMap<string, CursorValue | null> {
  const known = indices.get(state);
  if (known !== undefined) return known;
  const index = new Map(state.partitions);
  indices.set(state, index);
  return index;
}
