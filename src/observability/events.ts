/** Everything the Worker logs. Each event is one line of JSON with these fields and nothing else. */
export type LogEvent =
  | RequestAnswered
  | SliceEnded
  | JobEnded
  | DeliveryFailed
  | WatchdogRan
  | SweepRan
  | UnexpectedError
  | PublishFailed
  | EventDelivered
  | SubscriptionDisabled;

/** One for each HTTP request, when its answer begins. */
export interface RequestAnswered {
  readonly event: "request_answered";
  readonly request_id: string;
  readonly method: string;
  /** The route's pattern, not the path: paths carry entity ids, which can be personal data. */
  readonly route: string;
  readonly status: number;
  readonly duration_ms: number;
  readonly organization_id: string | null;
  /** Which key called: its id, `root`, or null where nobody was recognised. */
  readonly key_id: string | null;
}

/** One for each slice of a job. */
export interface SliceEnded {
  readonly event: "slice_ended";
  readonly source_connection_id: string;
  readonly job_id: string;
  /** `finished`, `to_be_continued` or `stopped`. */
  readonly outcome: string;
  /** What it waits for; null if it does not. */
  readonly waiting: string | null;
  /** For how long; 0 if it does not. */
  readonly waiting_ms: number;
  readonly duration_ms: number;
  readonly requests: number;
  readonly bytes: number;
}

/** One for each job, when it reaches its last status. */
export interface JobEnded {
  readonly event: "job_ended";
  readonly source_connection_id: string;
  readonly organization_id: string;
  readonly source: string;
  readonly job_id: string;
  readonly status: string;
  readonly trigger: string;
  readonly sync_mode: string;
  readonly error_category: string | null;
  readonly duration_ms: number;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  readonly kept: number;
  readonly failed: number;
}

/** D1 did not take what the outbox holds; it is tried again at `retry_at`. */
export interface DeliveryFailed {
  readonly event: "delivery_failed";
  readonly attempts: number;
  /** ISO 8601. */
  readonly retry_at: string;
  readonly message: string;
}

/** The organization's deliveries did not take a connection's events; they are tried again at `retry_at`. */
export interface PublishFailed {
  readonly event: "publish_failed";
  readonly organization_id: string;
  readonly attempts: number;
  /** ISO 8601. */
  readonly retry_at: string;
  readonly message: string;
}

/** One for each attempt to tell a webhook receiver of an event. */
export interface EventDelivered {
  readonly event: "event_delivered";
  readonly subscription_id: string;
  readonly message_id: string;
  /** `delivered`, `failed` or `gone`. */
  readonly outcome: string;
  /** What was answered; null where nothing was. */
  readonly status: number | null;
  /** From 1. */
  readonly attempt: number;
  readonly duration_ms: number;
}

/** Sluice gave up on a webhook receiver. */
export interface SubscriptionDisabled {
  readonly event: "subscription_disabled";
  readonly subscription_id: string;
  readonly reason: string;
}

/** The minute's look for jobs whose alarm was lost; logged where it found some. */
export interface WatchdogRan {
  readonly event: "watchdog_ran";
  readonly poked: number;
  readonly failed: number;
}

/** The minute's call of connections whose schedule is due; logged where there were some. */
export interface SweepRan {
  readonly event: "sweep_ran";
  readonly due: number;
  readonly started: number;
  readonly skipped: number;
  readonly failed: number;
  readonly is_complete: boolean;
  readonly duration_ms: number;
}

/** A fault of Sluice or of the platform, as opposed to a refusal. */
export interface UnexpectedError {
  readonly event: "unexpected_error";
  /** What was being done, in a word or two. */
  readonly where: string;
  readonly request_id: string | null;
  readonly name: string;
  readonly message: string;
}

export function unexpectedError(where: string, requestId: string | null, thrown: unknown): UnexpectedError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return {
    event: "unexpected_error",
    where,
    request_id: requestId,
    name: error.name,
    message: error.message,
  };
}
