import { z } from "zod";

import type { Job, JobStatus } from "./job.ts";
import type { JsonObject } from "./json.ts";

/** Everything that a webhook subscription can ask to hear of. */
export const EVENT_TYPES = [
  "sync.pending",
  "sync.running",
  "sync.cancelling",
  "sync.completed",
  "sync.failed",
  "sync.cancelled",
  "source_connection.created",
  "source_connection.updated",
  "source_connection.deleted",
  "source_connection.needs_reauth",
  "collection.created",
  "collection.updated",
  "collection.deleted",
] as const;
export const eventTypeSchema = z.enum(EVENT_TYPES);
export type EventType = z.infer<typeof eventTypeSchema>;

const jsonObjectSchema: z.ZodType<JsonObject> = z.record(z.string(), z.json());

export const eventSchema = z.object({
  /** A UUIDv7, so that the order of ids is the order of time. */
  id: z.string(),
  type: eventTypeSchema,
  /** Epoch milliseconds. */
  at: z.number(),
  /** Events with the same key are delivered one after another: a job's, or those of one connection or collection. */
  orderKey: z.string(),
  payload: jsonObjectSchema,
});
/** Something that happened, as subscribers are told it. Written once, in the transaction that made it true. */
export type SluiceEvent = z.infer<typeof eventSchema>;

/** What makes one event differ from any other. */
export interface Occurrence {
  /** A new UUIDv7. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The same in ISO 8601. */
  readonly timestamp: string;
}

/** What events tell of the connection that they are about. */
export interface EventConnection {
  readonly id: string;
  readonly organizationId: string;
  /** The collection's readable id. */
  readonly collectionId: string;
  readonly shortName: string;
}

const SYNC_EVENTS: Record<JobStatus, EventType> = {
  PENDING: "sync.pending",
  RUNNING: "sync.running",
  CANCELLING: "sync.cancelling",
  COMPLETED: "sync.completed",
  FAILED: "sync.failed",
  CANCELLED: "sync.cancelled",
};

/** The job has just reached its status. The collection's name and id are added by who knows them. */
export function syncEvent({ id, at, timestamp }: Occurrence, connection: EventConnection, job: Job): SluiceEvent {
  const type = SYNC_EVENTS[job.status];
  const payload = {
    event_type: type,
    timestamp,
    organization_id: connection.organizationId,
    sync_id: connection.id,
    sync_job_id: job.id,
    collection_id: null,
    source_connection_id: connection.id,
    source_type: connection.shortName,
    collection_name: null,
    collection_readable_id: connection.collectionId,
    entities_inserted: job.counts.inserted,
    entities_updated: job.counts.updated,
    entities_deleted: job.counts.deleted,
    entities_kept: job.counts.kept,
    entities_skipped: job.counts.failed,
    // Nothing is cut into chunks here.
    chunks_written: 0,
    error: job.error,
    error_category: job.errorCategory,
    trigger: job.trigger,
    sync_mode: job.mode,
  };
  return { id, type, at, orderKey: job.id, payload };
}

export type ConnectionEventType = Extract<EventType, `source_connection.${string}`>;

export function connectionEvent(
  { id, at, timestamp }: Occurrence,
  type: ConnectionEventType,
  connection: EventConnection,
  isAuthenticated: boolean,
): SluiceEvent {
  const payload = {
    event_type: type,
    timestamp,
    organization_id: connection.organizationId,
    source_connection_id: connection.id,
    collection_readable_id: connection.collectionId,
    source_type: connection.shortName,
    is_authenticated: isAuthenticated,
  };
  return { id, type, at, orderKey: connection.id, payload };
}

export type CollectionEventType = Extract<EventType, `collection.${string}`>;

export interface EventCollection {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly readableId: string;
}

export function collectionEvent(
  { id, at, timestamp }: Occurrence,
  type: CollectionEventType,
  collection: EventCollection,
): SluiceEvent {
  const payload = {
    event_type: type,
    timestamp,
    organization_id: collection.organizationId,
    collection_id: collection.id,
    collection_name: collection.name,
    collection_readable_id: collection.readableId,
  };
  return { id, type, at, orderKey: collection.id, payload };
}

/** The least id that an event of this moment or later can have: a UUIDv7 begins with its time. */
export function lowestIdAt(epochMs: number): string {
  const hex = Math.max(0, epochMs).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
