import { lowestIdAt } from "#core/event";
import { unexpectedError } from "#observability/events";
import { log } from "#observability/log";
import { forgetWaitingEvents, organizationsWithWaitingEvents, waitingEvents } from "#records/waiting-events";
import { withinTimeLimit } from "#sources/time-limit";
import type { EventDeliveryRpc } from "./rpc.ts";

/** Events handed over at once. */
const BATCH = 50;

/** Organizations looked after in a minute: with three calls each, well within what the watchdog's invocation may make. */
const ORGANIZATIONS = 10;

/** Whoever caused an event hands it over at once; one that has waited for so long was left behind. */
const LEFT_BEHIND_MS = 30_000;

/** The request that caused an event waits no longer than this: cron hands over what it leaves behind. */
const PATIENCE = {
  milliseconds: 3_000,
  timedOut: () => new Error("The organization's deliveries did not answer in time."),
};

/**
 * Hands the organization's events that wait in D1 to its deliveries, which take each once however often it comes. What
 * they tell of has happened and they are still there, so a fault is logged and fails nobody's request.
 */
export async function handOverEvents(db: D1Database, organizationId: string, to: EventDeliveryRpc): Promise<void> {
  try {
    for (;;) {
      const events = await waitingEvents(db, organizationId, BATCH);
      if (events.length === 0) return;
      await withinTimeLimit(PATIENCE, () => to.publish(organizationId, events));
      await forgetWaitingEvents(db, organizationId, events);
      if (events.length < BATCH) return;
    }
  } catch (error) {
    log(unexpectedError("event handover", null, error));
  }
}

/**
 * For cron: hands over what requests have left behind that died before they could. `now` in epoch milliseconds. Each
 * minute begins with other organizations, so that those whose deliveries fail keep none of the others waiting for long.
 */
export async function handOverLeftBehind(
  db: D1Database,
  to: (organizationId: string) => EventDeliveryRpc,
  now: number,
): Promise<void> {
  const waiting = await organizationsWithWaitingEvents(db, lowestIdAt(now - LEFT_BEHIND_MS));
  const first = (Math.floor(now / 60_000) * ORGANIZATIONS) % Math.max(1, waiting.length);
  for (const organizationId of [...waiting.slice(first), ...waiting.slice(0, first)].slice(0, ORGANIZATIONS)) {
    await handOverEvents(db, organizationId, to(organizationId));
  }
}
