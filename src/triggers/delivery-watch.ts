import type { EventDeliveryRpc } from "#events/rpc";
import { organizationsFrom } from "#records/organization-repository";

/** Organizations looked after in a minute, one call each: with fewer than that, each of them in every minute. */
const ORGANIZATIONS = 10;

const MINUTE_MS = 60_000;

/** The golden ratio's share of 2³²: steps of it come to all parts of the circle alike. */
const STEP = 0x9e3779b1;

export interface DeliveryWatch {
  readonly db: D1Database;
  readonly events: (organizationId: string) => EventDeliveryRpc;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Looks after some organizations' deliveries: D1 does not know what they have yet to deliver, and an alarm that was lost
 * would leave it undelivered until the next event. Each minute begins elsewhere among the ids, which are random.
 */
export async function lookAfterDeliveries({ db, events, now }: DeliveryWatch): Promise<void> {
  const ids = await organizationsFrom(db, placeOf(Math.floor(now / MINUTE_MS)), ORGANIZATIONS);
  const looks = await Promise.allSettled(ids.map((id) => events(id).lookAfter()));
  const failed = looks.find((look) => look.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** How ids begin where this minute begins. */
function placeOf(minute: number): string {
  return (Math.imul(minute, STEP) >>> 0).toString(16).padStart(8, "0");
}
