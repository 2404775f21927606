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
  const kinds = cpus().map((processor) => processor.times);
  const all = kinds.flatMap((each) => Object.values(each)).reduce((total, each) => total + each, 0);
  const idle = kinds.reduce((total, each) => total + each.idle, 0);
  return { all, busy: all - idle };
}
