import { withinTimeLimit } from "#sources/time-limit";

/** Whoever does not answer by then is taken for one that fails: others wait behind it. */
const PATIENCE = {
  milliseconds: 10_000,
  timedOut: () => new Error("The object did not answer in time."),
};

/** Cron's call of an object, which answers or fails soon. */
export function inTime<T>(call: () => Promise<T>): Promise<T> {
  return withinTimeLimit(PATIENCE, call);
}
