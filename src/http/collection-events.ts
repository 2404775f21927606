import { v7 as uuidv7 } from "uuid";

import { collectionEvent, type CollectionEventType, type SluiceEvent } from "#core/event";
import type { CollectionRow } from "#records/rows";

/** What subscribers are told of a collection. `now` in epoch milliseconds. */
export function eventAbout(
  type: CollectionEventType,
  row: Pick<CollectionRow, "id" | "organization_id" | "name" | "readable_id">,
  now: number,
): SluiceEvent {
  const collection = {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    readableId: row.readable_id,
  };
  return collectionEvent(
    { id: uuidv7({ msecs: now }), at: now, timestamp: new Date(now).toISOString() },
    type,
    collection,
  );
}
