import { median } from "./finding.ts";

/** When a job was accepted and when it was over, in milliseconds of one clock. */
export interface Stay {
  readonly acceptedAt: number;
  readonly endedAt: number;
}

export interface Fairness {
  /**
   * The longest that any job took, in times of what the median of those took that were accepted just before and after
   * it. Jobs that share a processor, each getting its turn, take about the same: 1 and a little.
   */
  readonly slowdown: number;
  /**
   * Of all jobs, how many were over before one that was accepted earlier: the most that any job was passed by. Where
   * all are at work together and end together, being a little late is to be passed by many.
   */
  readonly passedBy: number;
}

/** Accepted before a job, and after it: so many are what it is compared to. */
const NEIGHBOURS = 50;

/** How evenly jobs that were at work together came to their ends. */
export function fairnessOf(stays: readonly Stay[]): Fairness {
  const inOrder = stays.toSorted((one, other) => one.acceptedAt - other.acceptedAt);
  const took = inOrder.map(({ acceptedAt, endedAt }) => endedAt - acceptedAt);
  const slowdowns = took.map(
    (own, place) => own / median(took.slice(Math.max(0, place - NEIGHBOURS), place + NEIGHBOURS + 1)),
  );
  const passes = inOrder.map(
    (job, place) => inOrder.slice(place + 1).filter(({ endedAt }) => endedAt < job.endedAt).length,
  );
  return { slowdown: Math.max(...slowdowns), passedBy: Math.max(...passes) };
}
