import { recordsOf, type JobProgress } from "./job-progress.ts";

/** Shorter, and a source with slow pages would seem to stand still between them; longer, and a change shows late. */
const WINDOW_MS = 10_000;

interface Sample {
  readonly at: number;
  readonly records: number;
}

/** How fast a job goes, from what was seen of it. */
export class Pace {
  #samples: Sample[] = [];

  /**
   * Records a second over the last ten seconds or so; over the whole job where nothing was seen before, and when it has
   * ended. Zero while it waits for longer than that.
   */
  after(progress: JobProgress): number {
    const { job, at } = progress;
    const sample = { at, records: recordsOf(progress) };
    // Of the samples before the window the newest stays, so that there is always one to compare with.
    const outside = this.#samples.findLastIndex((each) => each.at <= at - WINDOW_MS);
    this.#samples = [...this.#samples.slice(Math.max(0, outside)), sample];
    if (job.startedAt === null || (job.waiting !== null && job.waiting.until - at > WINDOW_MS)) return 0;
    const beginning = { at: job.startedAt, records: 0 };
    if (job.completedAt !== null) return rate(beginning, { ...sample, at: job.completedAt });
    const [oldest = sample] = this.#samples;
    return rate(oldest === sample ? beginning : oldest, sample);
  }
}

/** Counts go back where a source lost its place and the pass begins again. */
function rate(from: Sample, to: Sample): number {
  const seconds = (to.at - from.at) / 1000;
  return seconds <= 0 ? 0 : Math.max(0, Math.round(((to.records - from.records) / seconds) * 10) / 10);
}
