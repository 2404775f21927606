import { quietAt } from "#core/debounce";
import { isPaused } from "./pause.ts";
import type { Stores } from "./stores.ts";

/** When the run that accepted deliveries wait for is due, in epoch milliseconds; null while none wait, or it is paused. */
export function hookRunDueAt(stores: Pick<Stores, "connection" | "jobs" | "hooks">): number | null {
  const waiting = stores.hooks.waiting();
  if (waiting === null || isPaused(stores)) return null;
  // Without an address any more there is no quiet period either.
  return quietAt(waiting, (stores.hooks.read()?.settings.debounceSeconds ?? 0) * 1000);
}
