import type { Counts, ErrorCategory, Job, JobStatus } from "#core/job";
import type { StreamState } from "#core/stream-state";
import type { StoredConnection } from "./stored.ts";

/** A row of the change feed. */
export interface ChangeRow {
  readonly seq: number;
  readonly stream: number;
  readonly jobId: string;
  /** Epoch milliseconds, like every `…At` here. */
  readonly at: number;
  readonly upserts: readonly string[];
  readonly deletes: readonly string[];
}

/** A job as D1 has it. */
export interface ProjectedJob {
  readonly version: number;
  readonly status: JobStatus;
  readonly completedAt: number | null;
  readonly wakeAt: number | null;
  readonly counts: Omit<Counts, "failed">;
  readonly errorCategory: ErrorCategory | null;
}

/** A connection as D1 has it. */
export interface ProjectedConnection {
  readonly version: number;
  readonly deletedAt: number | null;
  readonly nextRunAt: number | null;
  readonly isPaused: boolean | null;
  readonly status: string;
  /** When a run is due that deliveries wait for. */
  readonly wakeAt: number | null;
}

/** The alarm of the connection's object. */
export interface AlarmView {
  readonly at: number | null;
  /** Since when it is at work; null while it is not. */
  readonly startedAt: number | null;
  /** It is not what the object set. */
  readonly isDoubtful: boolean;
  /** It is the platform's next try at one that failed. */
  readonly isRetry: boolean;
}

/** What is stored anywhere of one connection at one moment, as an auditor reads it. */
export interface View {
  readonly now: number;
  /** Null once the object is empty. */
  readonly connection: StoredConnection | null;
  /** Oldest first. */
  readonly jobs: readonly Job[];
  readonly streams: readonly StreamState[];
  /** Entries of the change feed after those of the last view. */
  readonly changes: readonly ChangeRow[];
  /** The entity's last change and text, by stream number and id. */
  readonly entities: ReadonlyMap<string, { readonly seq: number; readonly text: string }>;
  /** What D1 has yet to be told: versions by `kind:id`. */
  readonly outbox: ReadonlyMap<string, number>;
  readonly projectedJobs: ReadonlyMap<string, ProjectedJob>;
  readonly projectedConnection: ProjectedConnection | null;
  /** Jobs that D1 knows to have ended, and those that it has counted; null where some were deleted since. */
  readonly totals: { readonly ended: number; readonly counted: number } | null;
  /**
   * Events of jobs, as `jobId type`, wherever they are by now; each as often as it is there under another id. In the
   * order in which they were told, where that is known.
   */
  readonly events: readonly string[];
  /** Is there to be a run after the active one? */
  readonly hasFollowUp: boolean;
  /** Is there one that may delete whatever it finds gone? */
  readonly isFollowUpConfirmed: boolean;
  /** Deliveries by webhook that a run has yet to stand for. */
  readonly waiting: { readonly firstAt: number; readonly lastAt: number } | null;
  /** Whether the streams of a job are known; null before the first. */
  readonly planning: { readonly jobId: string; readonly isPlanned: boolean } | null;
  /** How long it has to be quiet before a run stands for deliveries; null without an inbound address. */
  readonly debounceMs: number | null;
  readonly alarm: AlarmView;
  /** When cron last came by and found everything well, D1 included; null before. */
  readonly sweptAt: number | null;
}
