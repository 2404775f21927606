import { z } from "zod";

import { eventSchema, type SluiceEvent } from "#core/event";

const waitingRow = z.object({ value: z.string() });
const organizationRow = z.object({ organization_id: z.string() });

/** Lets an event wait to be handed over. For the batch that makes it true, which has to leave the collection there. */
export function eventOfCollection(
  db: D1Database,
  { organizationId, collectionId }: { readonly organizationId: string; readonly collectionId: string },
  event: SluiceEvent,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO waiting_events (organization_id, id, value)
       SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM collections WHERE organization_id = ?1 AND id = ?4)`,
    )
    .bind(organizationId, event.id, JSON.stringify(event), collectionId);
}

/** The organization's events that wait to be handed over, in the order in which they happened. */
export async function waitingEvents(db: D1Database, organizationId: string, limit: number): Promise<SluiceEvent[]> {
  const { results } = await db
    .prepare("SELECT value FROM waiting_events WHERE organization_id = ? ORDER BY id LIMIT ?")
    .bind(organizationId, limit)
    .all();
  return waitingRow
    .array()
    .parse(results)
    .map(({ value }) => eventSchema.parse(JSON.parse(value)));
}

export async function forgetWaitingEvents(
  db: D1Database,
  organizationId: string,
  events: readonly SluiceEvent[],
): Promise<void> {
  await db
    .prepare("DELETE FROM waiting_events WHERE organization_id = ? AND id IN (SELECT value FROM json_each(?))")
    .bind(organizationId, JSON.stringify(events.map(({ id }) => id)))
    .run();
}

/** Organizations with events that happened, and have waited since, before the moment with this least id; in a fixed order. */
export async function organizationsWithWaitingEvents(db: D1Database, beforeId: string): Promise<string[]> {
  const { results } = await db
    .prepare(
      `SELECT DISTINCT organization_id FROM waiting_events INDEXED BY waiting_events_by_id
       WHERE id < ? ORDER BY organization_id`,
    )
    .bind(beforeId)
    .all();
  return organizationRow
    .array()
    .parse(results)
    .map((row) => row.organization_id);
}
