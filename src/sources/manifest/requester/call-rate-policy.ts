import { createFamily } from "#sources/manifest/family";

/** A request, as far as limits are concerned. */
export interface Call {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What an answer says about a limit; null where it does not say. */
export interface RateReport {
  readonly remaining: number | null;
  /** Epoch milliseconds. */
  readonly resetAt: number | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** A limit on the rate of calls. */
export interface CallRatePolicy {
  isAbout(call: Call): boolean;
  /**
   * Counts the call, if there is room for it.
   *
   * @param now epoch milliseconds
   * @returns null, or the time in epoch milliseconds from which there is room
   */
  acquire(call: Call, now: number): number | null;
  update(report: RateReport): void;
}

export const callRatePolicy = createFamily<CallRatePolicy>("a call rate policy");
