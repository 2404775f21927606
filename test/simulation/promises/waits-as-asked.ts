import type { Job } from "#core/job";
import type { SimulatedUpstream } from "#test/simulation/simulated-upstream";
import type { View } from "#test/simulation/view";
import type { WatchedPromise } from "./promise.ts";

/** A source that says when to come back is not asked before, and not later either; until then nothing is at work. */
export class WaitsAsAsked implements WatchedPromise {
  readonly #upstream: SimulatedUpstream;
  #before: Job | undefined = undefined;

  constructor(upstream: SimulatedUpstream) {
    this.#upstream = upstream;
  }

  breaches({ streams, jobs, planning, now }: View): string[] {
    const before = this.#before;
    const job = jobs.at(-1);
    this.#before = job;
    const until = before?.waiting?.until ?? now;
    const isWoken =
      job?.id === before?.id && job?.status === "RUNNING" && job.waiting?.since !== before?.waiting?.since;
    const woken =
      isWoken && now < until ? [`A slice began ${until - now} ms before the job ${job.id} was to go on.`] : [];
    const misled = streams.flatMap(({ name, progress }) => {
      if (progress === null || progress.reasonKind !== "rate_limit" || progress.retryAt === null) return [];
      return this.#upstream.askedFor.has(progress.retryAt)
        ? []
        : [`Stream ${name} is read again at ${progress.retryAt}, which is not when its source said.`];
    });
    const overslept = streams.flatMap(({ name, progress }) => {
      // A job that another config made ask for its streams again has ended these reads.
      if (planning?.jobId !== job?.id || planning?.isPlanned !== true) return [];
      if (job?.status !== "RUNNING" || job.isAtWork || progress?.jobId !== job.id) return [];
      const { phase, retryAt } = progress;
      if (phase !== "reading" || retryAt === null || (job.wakeAt ?? 0) <= Math.max(retryAt, now)) return [];
      return [`Stream ${name} is to be read again at ${retryAt}, and its job wakes at ${job.wakeAt}.`];
    });
    return [...woken, ...misled, ...overslept];
  }
}
