import { cpus } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

/** Long enough to see work that comes and goes. */
const LOOK_MS = 3_000;

/**
 * Processors that work on something, a mean over some seconds. The load average would not do: it still tells of work
 * that ended minutes ago.
 */
export async function processorsInUse(): Promise<number> {
  const before = times();
  await delay(LOOK_MS);
  const after = times();
  return ((after.busy - before.busy) / (after.all - before.all)) * cpus().length;
}

/** Milliseconds since the start of the machine, over all processors. */
function times() {
  const sum = (kinds: readonly number[]) => kinds.reduce((total, each) => total + each, 0);
  const all = sum(cpus().map(({ times: kinds }) => sum(Object.values(kinds))));
  return { all, busy: all - sum(cpus().map(({ times: kinds }) => kinds.idle)) };
}
