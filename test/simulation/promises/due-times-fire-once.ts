import type { Job } from "#core/job";
import type { View } from "../view.ts";
import type { WatchedPromise } from "./promise.ts";

const MINUTE_MS = 60_000;

/** Minutes between two due times: of runs, and of full syncs. */
const EVERY = { run: 5, full: 60 };

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
  const [kind, minutes, offset] = forcedFull ? ["full", EVERY.full, 7] : ["run", EVERY.run, 0];
  return `${kind} ${Math.floor((createdAt - Number(offset) * MINUTE_MS) / (Number(minutes) * MINUTE_MS))}`;
}
