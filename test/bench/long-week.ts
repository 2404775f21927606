import { HOUR_MS } from "#test/support/builders";
import { MemorySync } from "#test/support/memory-sync";
import { aStreamOf, inOrder, records, scriptedSource } from "#test/support/scripted-source";
import { SourceFailure } from "#sources/source";

/** What the upstream gives in an hour. */
const PAGES_AN_HOUR = 60;
const DAY_HOURS = 24;
const WEEK_PAGES = 7 * DAY_HOURS * PAGES_AN_HOUR;
/** Days of daily jobs that are tried. */
const DAYS = 10;

export interface WeekResult {
  readonly jobs: number;
  readonly days: number;
  readonly pagesAsked: number;
  /** Pages that the stream has. */
  readonly pages: number;
  readonly isComplete: boolean;
}

/**
 * A full read that takes an upstream at its rate limit a week, under a simulated clock: job after job, one a day or
 * right after the last one's end, until one completes or ten days are over.
 */
export async function readForAWeek(deadlineHours: number): Promise<WeekResult> {
  const sync = new MemorySync();
  const startedAt = sync.now;
  let pagesAsked = 0;
  let hour = -1;
  let left = 0;
  const script = inOrder(Array.from({ length: WEEK_PAGES }, (_, page) => ({ records: records([page]) })));
  const source = scriptedSource({
    streams: [aStreamOf("items", { incremental: true })],
    page: (request) => {
      pagesAsked += 1;
      return script(request);
    },
    before: ({ request }) => {
      if (request === null) return;
      const now = Math.floor((sync.now - startedAt) / HOUR_MS);
      if (now !== hour) [hour, left] = [now, PAGES_AN_HOUR];
      left -= 1;
      if (left >= 0) return;
      const retryAt = startedAt + (now + 1) * HOUR_MS;
      throw new SourceFailure({ kind: "rate_limit", message: "GET /items answered 429.", retryAt });
    },
  });
  for (let jobs = 1; ; jobs += 1) {
    const deadlineAt = sync.now + deadlineHours * HOUR_MS;
    const failures = await sync.begin().run(() => ({ source, deadlineAt }));
    const days = (sync.now - startedAt) / (DAY_HOURS * HOUR_MS);
    if (failures.length === 0 || days >= DAYS) {
      return { jobs, days, pagesAsked, pages: WEEK_PAGES, isComplete: failures.length === 0 };
    }
    // The next one starts when the upstream gives something again.
    sync.now = startedAt + (Math.floor((sync.now - startedAt) / HOUR_MS) + 1) * HOUR_MS;
  }
}
