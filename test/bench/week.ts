import { z } from "zod";

import type { Job } from "#core/job";
import type { SimulatedClock } from "#test/simulation/platform/clock";
import { DAY_MS, ORGANIZATION } from "#test/simulation/setting";
import type { Plan, Week } from "./lived-week.ts";
import { RATIONS_A_DAY, RationedUpstream } from "./rationed-upstream.ts";
import { WeekWorld } from "./week-world.ts";

/** Days after which it has failed, beside those that it takes. */
const SPARE_DAYS = 3;
/** The first sync begins some minutes after a ration did, and another each day some minutes after that. */
const BEGINNING = Date.UTC(2026, 2, 15, 0, 7);
const CRON = "10 0 * * *";
const MOST_JOBS = 100;
const ITEMS_A_PAGE = 1_000;

/**
 * Everything of an upstream at its rate limit is read by job after job until one completes.
 *
 * @param loggedFaults what has been logged that nobody expects
 */
export async function liveThroughWeek(
  clock: SimulatedClock,
  { days, deadlineSeconds }: Plan,
  loggedFaults: readonly string[],
): Promise<Week> {
  clock.startOver(BEGINNING);
  const upstream = new RationedUpstream(clock, days * RATIONS_A_DAY);
  const world = new WeekWorld(clock, upstream);
  await world.begin(CRON, deadlineSeconds);
  let jobs: readonly Job[] = [];
  const latest = BEGINNING + (days + SPARE_DAYS) * DAY_MS;
  const isOver = () => jobs.some(({ status }) => status === "COMPLETED") || clock.now > latest;
  while (!isOver() && world.faults.length === 0) {
    await world.passMinute();
    jobs = await jobsOf(world);
  }
  const faults = [
    ...world.faults,
    ...loggedFaults,
    ...impatience(world, upstream, jobs),
    ...(await losses(world, upstream)),
  ];
  return {
    days: (clock.now - BEGINNING) / DAY_MS,
    pages: upstream.pages,
    jobs: jobs.map(({ status, errorCategory, counts }) => ({
      status,
      category: errorCategory,
      inserted: counts.inserted,
    })),
    faults,
  };
}

async function jobsOf({ gate }: WeekWorld): Promise<readonly Job[]> {
  const reply = await gate.jobs(ORGANIZATION, { limit: MOST_JOBS, cursor: null });
  return reply.ok ? reply.value.jobs.toReversed() : [];
}

/** Alarms of a ration that is used up: the slice that finds it out, and one for what is told of it. */
const IDLE_ALARMS = 2;

/** A job that is told to wait asks no more before the time, and its object sleeps until then. */
function impatience(world: WeekWorld, upstream: RationedUpstream, jobs: readonly Job[]): string[] {
  const began = (ration: number) => jobs.filter(({ createdAt }) => upstream.rationAt(createdAt) === ration).length;
  return [
    ...tooMany("requests", upstream.refusals, (ration) => 1 + began(ration)),
    ...tooMany("alarms", world.idleAlarms, (ration) => IDLE_ALARMS + Math.max(began(ration), due(ration))),
  ];
}

/** Of a due time that a job at work lets pass D1 is told: there is one in the first ration of a day. */
function due(ration: number): number {
  return ration % RATIONS_A_DAY === 0 ? 1 : 0;
}

/** @param most that there may be in a ration */
function tooMany(what: string, times: ReadonlyMap<number, number>, most: (ration: number) => number): string[] {
  return [...times]
    .filter(([ration, count]) => count > most(ration))
    .map(([ration, count]) => `After ration ${ration} was used up there were ${count} ${what} before the next one.`);
}

/** Each page was asked for once, and the copy and its feed have each record of them. */
async function losses({ gate }: WeekWorld, upstream: RationedUpstream): Promise<string[]> {
  const copy = await idsOf((cursor) => gate.entities(ORGANIZATION, { stream: null, limit: ITEMS_A_PAGE, cursor }));
  const feed = await idsOf((since) => gate.changes(ORGANIZATION, { limit: ITEMS_A_PAGE, since }));
  const uneven = upstream.unevenPages;
  return [
    ...(uneven === 0 ? [] : [`${uneven} of ${upstream.pages} pages were asked for again, or never.`]),
    ...misses("copy", copy, upstream.pages),
    ...misses("change feed", feed, upstream.pages),
  ];
}

function misses(what: string, ids: readonly string[], count: number): string[] {
  const isWhole = ids.length === count && new Set(ids).size === count;
  return isWhole ? [] : [`The ${what} has ${new Set(ids).size} ids, in ${ids.length} places, of ${count}.`];
}

const itemSchema = z.object({ id: z.string() });

async function idsOf(pageAfter: (cursor: string | null) => ReturnType<WeekWorld["gate"]["entities"]>) {
  const ids: string[] = [];
  for (let cursor: string | null = null, hasMore = true; hasMore;) {
    const page = await pageAfter(cursor);
    if (!page.ok) return ids;
    ids.push(...page.value.items.map((item) => itemSchema.parse(JSON.parse(item)).id));
    cursor = page.value.nextCursor;
    hasMore = page.value.hasMore;
  }
  return ids;
}
