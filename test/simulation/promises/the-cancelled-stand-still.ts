import type { Job } from "#core/job";
import type { View } from "#test/simulation/view";
import { hasEnded } from "./ended.ts";
import type { WatchedPromise } from "./promise.ts";

/** From the moment at which somebody is told that a job is cancelled, or over, no page of it is committed. */
export class TheCancelledStandStill implements WatchedPromise {
  #before: View | null = null;

  breaches(view: View): string[] {
    const before = this.#before;
    this.#before = view;
    const job = before?.jobs.at(-1);
    if (before === null || job === undefined || !isStill(job) || view.streams === before.streams) return [];
    const pages = new Map(before.streams.map(({ name, progress }) => [name, progress?.pages ?? 0]));
    return view.streams.flatMap(({ name, progress }) =>
      progress?.jobId === job.id && progress.pages > (pages.get(name) ?? 0)
        ? [`Job ${job.id} was ${job.status}, and committed a page of ${name}.`]
        : [],
    );
  }
}

function isStill({ status }: Job): boolean {
  return status === "CANCELLING" || hasEnded(status);
}
