import type { EventDeliveryRpc } from "#events/rpc";
import { log } from "#observability/log";
import { dueLooks, settleLook } from "#records/delivery-looks";
import { inTime } from "./in-time.ts";

/** Organizations looked at in a minute, two calls each: the rest of an invocation's is for jobs. */
const LOOKS = 10;

/**
 * Looks at the deliveries of organizations for which it is time, and so wakes those whose alarm was lost. One that fails
 * stops none of the others, and comes behind those that are due by now when it is looked at again.
 */
export async function watchDeliveries(
  db: D1Database,
  to: (organizationId: string) => EventDeliveryRpc,
  now: number,
): Promise<void> {
  let [poked, failed] = [0, 0];
  for (const look of await dueLooks(db, now, LOOKS)) {
    try {
      const { next, wasLate } = await inTime(() => to(look.organizationId).look());
      await settleLook(db, look, next);
      if (wasLate) poked += 1;
    } catch {
      failed += 1;
      await settleLook(db, look, now);
    }
  }
  if (poked + failed > 0) log({ event: "watchdog_ran", poked, failed });
}
