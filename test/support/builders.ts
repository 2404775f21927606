import type { Connection } from "#connection/connection-store";
import type { Job } from "#core/job";
import { NO_PLAN } from "#core/schedule";
import { newJob } from "#core/new-job";
import { startOfRead } from "#core/read-start";
import type { ActiveStream, StreamProgress, StreamState } from "#core/stream-state";
import type { Page } from "#sources/source";

/** When tests take place. */
export const AT = Date.UTC(2026, 2, 15, 9, 30);
export const HOUR_MS = 3_600_000;

/** A job that has just been accepted. */
export function aJob(overrides: Partial<Job> = {}): Job {
  const job = newJob({
    id: "770e8400-e29b-41d4-a716-446655440000",
    connectionId: "550e8400-e29b-41d4-a716-446655440000",
    trigger: "manual",
    mode: "full",
    forcedFull: false,
    deletesConfirmed: false,
    createdAt: AT,
    deadlineAt: AT + HOUR_MS,
    wakeAt: AT,
  });
  return { ...job, ...overrides };
}

/** A connection as its object keeps it. */
export function aConnection(overrides: Partial<Connection> = {}): Connection {
  return {
    id: "550e8400-e29b-41d4-a716-446655440000",
    organizationId: "organization",
    collectionId: "default",
    name: "A connection",
    description: null,
    shortName: "couchdb",
    config: {},
    credentials: { keyId: "", wrapIv: "", wrappedKey: "", iv: "", ciphertext: "" },
    credentialsChangedAt: AT,
    schedule: null,
    isPaused: false,
    plan: NO_PLAN,
    settings: {},
    createdAt: AT,
    modifiedAt: AT,
    deletedAt: null,
    version: 0,
    feedId: "feed",
    ...overrides,
  };
}

const NEVER_READ: StreamState = {
  name: "items",
  number: 0,
  count: 0,
  nextEntityNumber: 0,
  cursor: null,
  lastChangedAt: null,
  reset: false,
  progress: null,
};

/** An empty stream, at the beginning of a full pass. */
export function aStream(progress: Partial<StreamProgress> = {}): ActiveStream {
  const stream = { primaryKey: [["id"]], incremental: false };
  const start = { jobId: "job-1", forcedFull: false, isScheduled: false, terms: "as they are" };
  return { ...NEVER_READ, progress: { ...startOfRead(NEVER_READ, stream, start), ...progress } };
}

/** A page in the middle of a read. */
export function aPage(page: Partial<Page> = {}): Page {
  return { records: [], tombstones: [], checkpoint: null, end: null, ...page };
}

/** The end of a pass that saw everything. */
export const COMPLETE = { cursor: null, complete: true } as const;
