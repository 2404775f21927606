/** How many quiet periods a run waits at most: a steady stream of deliveries must not put it off for ever. */
const MAX_PERIODS = 10;

export interface Waiting {
  /** Epoch milliseconds of the first and the last delivery that the run stands for. */
  readonly firstAt: number;
  readonly lastAt: number;
}

/** When a run that waits for a quiet period is due: so long after the last delivery, and not too long after the first. */
export function quietAt({ firstAt, lastAt }: Waiting, periodMs: number): number {
  return Math.min(lastAt + periodMs, firstAt + MAX_PERIODS * periodMs);
}
