import type { FireOutcome, SourceConnectionRpc } from "#connection/rpc";
import { log } from "#observability/log";
import { dueConnections, postponeConnections, type DueConnection } from "#records/connection-repository";
import { inTime } from "./in-time.ts";

/** Connections read from D1 at once: eight reads for the default limit, of the 50 queries that the free plan allows. */
const PAGE = 100;

/** No call begins later than this after the first, so that a minute's sweep is over when the next one begins. */
const BUDGET_MS = 50_000;

/** An object that fails is left alone for this long: it must not stand in the way of those behind it. */
const RETRY_MS = 5 * 60_000;

export interface Sweep {
  readonly db: D1Database;
  readonly gate: (connectionId: string) => SourceConnectionRpc;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Calls in all, and at a time. */
  readonly limit: number;
  readonly concurrency: number;
}

export interface SweepReport {
  readonly due: number;
  readonly started: number;
  readonly skipped: number;
  readonly failed: number;
  /** Was everything that was due called? If not, the next minute goes on. */
  readonly is_complete: boolean;
}

/**
 * Calls every connection whose schedule is due. Nothing is remembered from one minute to the next: whoever was called
 * has a later due time in D1, so the next sweep begins with those that this one did not reach. Two sweeps at once call
 * some objects twice, which is harmless: each object decides by its own plan.
 */
export async function sweep({ db, gate, now, limit, concurrency }: Sweep): Promise<SweepReport> {
  const startedAt = now();
  const counts = { due: 0, started: 0, skipped: 0, failed: 0 };
  let after: DueConnection | null = null;
  let isComplete = false;
  const hasTime = () => now() - startedAt < BUDGET_MS;
  while (counts.due < limit && hasTime()) {
    const page = await dueConnections(db, { now: startedAt, after, limit: Math.min(PAGE, limit - counts.due) });
    if (page.length === 0) {
      isComplete = true;
      break;
    }
    const outcomes = await fireAll(page, { gate, concurrency, hasTime });
    const that = (wanted: FireOutcome | null) => page.filter(({ id }) => outcomes.get(id) === wanted);
    counts.due += outcomes.size;
    counts.started += that("started").length;
    counts.skipped += that("skipped").length;
    counts.failed += that(null).length;
    await postponeConnections(db, that(null), startedAt + RETRY_MS);
    await postponeConnections(db, that("absent"), null);
    after = page.at(-1) ?? null;
  }
  const report: SweepReport = { ...counts, is_complete: isComplete };
  if (report.due > 0) log({ event: "sweep_ran", ...report, duration_ms: now() - startedAt });
  return report;
}

interface Firing extends Pick<Sweep, "gate" | "concurrency"> {
  readonly hasTime: () => boolean;
}

/** What each object said that was called while there was time; null where it failed to say anything. */
async function fireAll(
  page: readonly DueConnection[],
  { gate, concurrency, hasTime }: Firing,
): Promise<Map<string, FireOutcome | null>> {
  const waiting = [...page];
  const outcomes = new Map<string, FireOutcome | null>();
  const worker = async (): Promise<void> => {
    for (let next = waiting[0]; next !== undefined && hasTime(); next = waiting[0]) {
      waiting.shift();
      const { id, next_run_at: dueAt } = next;
      outcomes.set(id, await fireOne(gate, id, dueAt));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return outcomes;
}

async function fireOne(gate: Sweep["gate"], id: string, dueAt: number): Promise<FireOutcome | null> {
  try {
    return await inTime(() => gate(id).fire(dueAt));
  } catch {
    return null;
  }
}
