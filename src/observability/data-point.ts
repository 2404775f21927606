import type { LogEvent } from "./events.ts";

/** A row of Workers Analytics Engine: one text to sample by, texts to group by, numbers to sum. */
export interface DataPoint {
  readonly indexes: [string];
  readonly blobs: string[];
  readonly doubles: number[];
}

/**
 * What is counted of an event; null for events that are only read. `blob1` is the event's name; the README has the
 * rest. The index is whose it is, so that what is small is not sampled away beside what is large.
 */
export function dataPoint(event: LogEvent): DataPoint | null {
  switch (event.event) {
    case "job_ended": {
      const { inserted, updated, deleted, kept, failed, duration_ms } = event;
      const { organization_id, source, status, trigger, sync_mode, error_category } = event;
      return {
        indexes: [organization_id],
        blobs: [event.event, event.source_connection_id, source, status, trigger, sync_mode, error_category ?? ""],
        doubles: [duration_ms, inserted, updated, deleted, kept, failed],
      };
    }
    case "slice_ended":
      return {
        indexes: [event.source_connection_id],
        blobs: [event.event, event.source_connection_id, event.outcome, event.waiting === null ? "" : "waiting"],
        doubles: [event.duration_ms, event.requests, event.bytes, event.waiting_ms],
      };
    case "request_answered":
      return {
        indexes: [event.organization_id ?? ""],
        blobs: [event.event, event.route, event.method, String(event.status)],
        doubles: [event.duration_ms],
      };
    case "event_delivered":
      return {
        indexes: [event.subscription_id],
        blobs: [event.event, event.subscription_id, event.outcome, String(event.status ?? "")],
        doubles: [event.duration_ms, event.attempt],
      };
    case "sweep_ran":
      return {
        indexes: ["sweep"],
        blobs: [event.event],
        doubles: [event.duration_ms, event.due, event.started, event.skipped, event.failed],
      };
    case "watchdog_ran":
      return { indexes: ["watchdog"], blobs: [event.event], doubles: [event.poked, event.failed] };
    case "delivery_failed":
    case "publish_failed":
      return { indexes: [event.event], blobs: [event.event], doubles: [event.attempts] };
    case "subscription_disabled":
    case "unexpected_error":
      return null;
  }
}
