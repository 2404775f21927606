import type { Job } from "#core/job";
import type { View } from "#test/simulation/view";
import type { WatchedPromise } from "./promise.ts";

const MINUTE_MS = 60_000;

/** Minutes between two due times, and from the hour to the first of them. */
const RUNS = { minutes: 5, offset: 0 };
const FULL_SYNCS = { minutes: 60, offset: 7 };

/** A due time starts one job at most: as the schedule is, two regular runs never begin in the same five minutes. */
export class DueTimesFireOnce implements WatchedPromise {
  breaches({ jobs, connection }: View): string[] {
    if (connection === null) return [];
    const scheduled = jobs.filter(({ trigger }) => trigger === "schedule");
    const slots = Map.groupBy(scheduled, slotOf);
    return [...slots].flatMap(([slot, { length }]) =>
      length > 1 ? [`${length} jobs were started for one due time (${slot}).`] : [],
    );
  }
}

function slotOf({ forcedFull, createdAt }: Job): string {
  const { minutes, offset } = forcedFull ? FULL_SYNCS : RUNS;
  return `${forcedFull ? "full sync" : "run"} ${Math.floor((createdAt / MINUTE_MS - offset) / minutes)}`;
}
