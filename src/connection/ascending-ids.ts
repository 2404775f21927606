import { v7 as uuidv7 } from "uuid";

/**
 * Makes UUIDv7s of which each sorts after the one before, also within a millisecond: a Worker's clock stands still while
 * it computes, and the order of events is the order of their ids.
 */
export function ascendingIds(): (at: number) => string {
  let last = 0;
  return (at) => {
    last = Math.max(at, last + 1);
    return uuidv7({ msecs: last });
  };
}
