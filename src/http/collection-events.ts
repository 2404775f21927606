import { v7 as uuidv7 } from "uuid";

import { collectionEvent, type CollectionEventType } from "#core/event";
import type { EventDeliveryRpc } from "#events/rpc";
import { unexpectedError } from "#observability/events";
import { log } from "#observability/log";
import type { CollectionRow } from "#records/rows";

/**
 * Tells the organization's subscribers of a collection. What happened to it has happened, so a fault here is logged and
 * does not fail the request.
 */
export async function tellOfCollection(
  events: EventDeliveryRpc,
  type: CollectionEventType,
  row: Pick<CollectionRow, "id" | "organization_id" | "name" | "readable_id">,
  now: number,
): Promise<void> {
  const collection = {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    readableId: row.readable_id,
  };
  const occurrence = { id: uuidv7({ msecs: now }), at: now, timestamp: new Date(now).toISOString() };
  try {
    await events.publish(row.organization_id, [collectionEvent(occurrence, type, collection)]);
  } catch (error) {
    log(unexpectedError(type, null, error));
  }
}
