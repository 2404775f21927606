import { expect, test } from "vitest";

import {
  dueAt,
  isTerminal,
  jobSchema,
  jobStatusSchema,
  STRIKE_LIMIT,
  transition,
  type Job,
  type JobEvent,
  type JobStatus,
} from "#core/job";
import { aJob, AT, HOUR_MS } from "#test/support/builders";

type EventType = JobEvent["type"];

const NOW = AT + 5_000;

/** One event of each type, as an everyday job meets it. */
const EVENTS: { readonly [Type in EventType]: Extract<JobEvent, { type: Type }> } = {
  slice_started: { type: "slice_started", pages: 3, hasRead: false, leaseUntil: NOW + 110_000 },
  slice_ended: { type: "slice_ended", wakeAt: NOW, waiting: null },
  cancel_requested: { type: "cancel_requested" },
  stopped: { type: "stopped" },
  finished: { type: "finished", failures: [] },
};

/** The status afterwards; null where the event means nothing and the job stays the very same. */
const TABLE: Record<JobStatus, Record<EventType, JobStatus | null>> = {
  PENDING: {
    slice_started: "RUNNING",
    slice_ended: null,
    cancel_requested: "CANCELLED",
    stopped: null,
    finished: null,
  },
  RUNNING: {
    slice_started: "RUNNING",
    slice_ended: "RUNNING",
    cancel_requested: "CANCELLING",
    stopped: null,
    finished: "COMPLETED",
  },
  CANCELLING: {
    slice_started: "CANCELLED",
    slice_ended: "CANCELLED",
    cancel_requested: null,
    stopped: "CANCELLED",
    finished: "CANCELLED",
  },
  COMPLETED: { slice_started: null, slice_ended: null, cancel_requested: null, stopped: null, finished: null },
  FAILED: { slice_started: null, slice_ended: null, cancel_requested: null, stopped: null, finished: null },
  CANCELLED: { slice_started: null, slice_ended: null, cancel_requested: null, stopped: null, finished: null },
};

const STATUSES = jobStatusSchema.options;
const CELLS = STATUSES.flatMap((status) =>
  Object.values(EVENTS).map((event) => ({ status, type: event.type, event, expected: TABLE[status][event.type] })),
);

function aJobThatIs(status: JobStatus, overrides: Partial<Job> = {}): Job {
  const started =
    status === "PENDING" ? {} : { startedAt: AT + 1_000, strikes: 1, pagesAtSliceStart: 1, isAtWork: true };
  const ended = isTerminal(status) ? { completedAt: AT + 2_000, wakeAt: null, isAtWork: false } : {};
  return aJob({ status, version: 7, ...started, ...ended, ...overrides });
}

test.each(CELLS.filter(({ expected }) => expected === null))(
  "$status on $type stays what it is, since that means nothing there",
  ({ status, event }) => {
    const job = aJobThatIs(status);
    expect(transition(job, event, NOW)).toBe(job);
  },
);

test.each(CELLS.flatMap(({ expected, ...cell }) => (expected === null ? [] : [{ ...cell, expected }])))(
  "$status on $type becomes $expected",
  ({ status, event, expected }) => {
    const job = aJobThatIs(status);
    const after = transition(job, event, NOW);

    expect(after).toMatchObject({ status: expected, version: job.version + 1 });
    expect(after.completedAt).toBe(isTerminal(expected) ? NOW : null);
    expect(jobSchema.parse(after)).toEqual(after);
  },
);

test("a failure makes the job FAILED and says which stream it was", () => {
  const failures = [
    { stream: "issues", category: "not_found", message: "There are no issues." },
    { stream: "pulls", category: "bad_response", message: "Not JSON." },
  ] as const;
  const after = transition(aJobThatIs("RUNNING"), { type: "finished", failures }, NOW);

  expect(after).toMatchObject({
    status: "FAILED",
    error: 'Stream "issues": There are no issues. Stream "pulls": Not JSON.',
    errorCategory: "not_found",
    failures,
  });
});

test("bad credentials name the failure, whichever stream found them, since they explain the others", () => {
  const failures = [
    { stream: "a", category: "source_unavailable", message: "Gone." },
    { stream: "b", category: "api_key_invalid", message: "401." },
  ] as const;

  expect(transition(aJobThatIs("RUNNING"), { type: "finished", failures }, NOW).errorCategory).toBe("api_key_invalid");
});

test("a slice that starts takes a lease, and one that ends gives it back", () => {
  const started = transition(aJob(), EVENTS.slice_started, NOW);
  expect(started).toMatchObject({ startedAt: NOW, isAtWork: true, wakeAt: NOW + 110_000, strikes: 1 });

  const ended = transition(started, { type: "slice_ended", wakeAt: NOW + 60_000, waiting: "429" }, NOW);
  expect(ended).toMatchObject({
    isAtWork: false,
    wakeAt: NOW + 60_000,
    strikes: 0,
    waiting: { since: NOW, until: NOW + 60_000, reason: "429" },
  });

  const resumed = transition(ended, EVENTS.slice_started, NOW + 60_000);
  expect(resumed).toMatchObject({ startedAt: NOW, isAtWork: true, waiting: null });
});

test("a job whose slices die without a page is given up after the limit, so that it does not cost money for ever", () => {
  let job = aJob();
  let starts = 0;
  while (!isTerminal(job.status)) {
    job = transition(job, { ...EVENTS.slice_started, pages: 0 }, NOW + starts);
    starts += 1;
  }

  expect(starts).toBe(STRIKE_LIMIT + 1);
  expect(job).toMatchObject({ status: "FAILED", errorCategory: "no_progress" });
});

test("slices that die but leave a page behind are progress, however many there are", () => {
  let job = aJob();
  for (let pages = 0; pages < STRIKE_LIMIT * 5; pages += 1) {
    job = transition(job, { ...EVENTS.slice_started, pages }, NOW);
  }

  expect(job).toMatchObject({ status: "RUNNING", strikes: 1 });
});

test("a slice that ends in good order wipes the strikes out, even if it committed nothing", () => {
  let job = aJob();
  for (let slices = 0; slices < STRIKE_LIMIT * 5; slices += 1) {
    job = transition(job, { ...EVENTS.slice_started, pages: 0 }, NOW);
    if (slices % 3 === 0) job = transition(job, EVENTS.slice_ended, NOW);
  }

  expect(job.status).toBe("RUNNING");
});

test("at its deadline a job fails and says what it was waiting for", () => {
  const waiting = aJobThatIs("RUNNING", { isAtWork: false, waiting: { until: NOW, reason: "GET /x answered 503." } });
  const after = transition(waiting, EVENTS.slice_started, AT + HOUR_MS);

  expect(after).toMatchObject({ status: "FAILED", errorCategory: "deadline_exceeded" });
  expect(after.error).toContain("GET /x answered 503.");
});

test("past its deadline a job that has read everything goes on: a failed one must not have deleted orphans", () => {
  const sweeping = aJobThatIs("RUNNING", { isAtWork: false });
  const after = transition(sweeping, { ...EVENTS.slice_started, hasRead: true }, AT + HOUR_MS);

  expect(after.status).toBe("RUNNING");
});

test.each([
  ["pending", aJobThatIs("PENDING", { wakeAt: NOW + 1_000 }), NOW + 1_000],
  ["running and waiting", aJobThatIs("RUNNING", { isAtWork: false, wakeAt: NOW + 9_000 }), NOW + 9_000],
  ["running with a slice that nobody is at work on", aJobThatIs("RUNNING", { wakeAt: NOW + 9_000 }), NOW],
  ["cancelling", aJobThatIs("CANCELLING", { isAtWork: false, wakeAt: NOW + 9_000 }), NOW],
  ["completed", aJobThatIs("COMPLETED"), null],
  ["failed", aJobThatIs("FAILED"), null],
  ["cancelled", aJobThatIs("CANCELLED"), null],
])("a job that is %s is due when somebody has to see to it", (_state, job, expected) => {
  expect(dueAt(job, NOW)).toBe(expected);
});
