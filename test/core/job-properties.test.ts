import * as fc from "fast-check";
import { expect, test } from "vitest";

import { isTerminal, jobSchema, jobStatusSchema, STRIKE_LIMIT, transition, type Job, type JobEvent } from "#core/job";
import { aJob, AT, HOUR_MS } from "#test/support/builders";

const failure = fc.record({
  stream: fc.option(fc.constantFrom("a", "b")),
  category: fc.constantFrom("api_key_invalid" as const, "internal" as const, "deletes_held_back" as const),
  message: fc.string(),
});

const event: fc.Arbitrary<JobEvent> = fc.oneof(
  fc.record({
    type: fc.constant("slice_started" as const),
    pages: fc.nat(4),
    hasRead: fc.boolean(),
    leaseUntil: fc.integer({ min: AT, max: AT + HOUR_MS }),
  }),
  fc.record({
    type: fc.constant("slice_ended" as const),
    wakeAt: fc.integer({ min: AT, max: AT + HOUR_MS }),
    waiting: fc.option(fc.string()),
  }),
  fc.constant({ type: "cancel_requested" as const }),
  fc.constant({ type: "stopped" as const }),
  fc.record({ type: fc.constant("finished" as const), failures: fc.array(failure, { maxLength: 2 }) }),
);

/** Long sequences of slices are what brings out strikes; endings are rare enough to let them come about. */
const events = fc.array(
  fc.record({
    event: fc.oneof({ weight: 1, arbitrary: event }, { weight: 3, arbitrary: startOrEnd() }),
    at: fc.nat(HOUR_MS * 2),
  }),
  { maxLength: 60 },
);

function startOrEnd(): fc.Arbitrary<JobEvent> {
  return fc.oneof(
    fc.record({
      type: fc.constant("slice_started" as const),
      pages: fc.nat(2),
      hasRead: fc.constant(false),
      leaseUntil: fc.constant(AT + 1),
    }),
    fc.record({ type: fc.constant("slice_ended" as const), wakeAt: fc.constant(AT), waiting: fc.constant(null) }),
  );
}

type Holds = (before: Job, after: Job, now: number) => boolean;

/** A history in which the property does not hold after every step, in words; null where there is none. */
function counterexample(holds: Holds): string | null {
  const property = fc.property(events, (history) => {
    let job = aJob();
    return history.every(({ event: next, at }) => {
      const before = job;
      job = transition(before, next, AT + at);
      return holds(before, job, AT + at);
    });
  });
  const details = fc.check(property, { numRuns: 500 });
  return details.failed ? (fc.defaultReportMessage(details) ?? "It does not hold.") : null;
}

const PROPERTIES: readonly (readonly [string, Holds])[] = [
  ["a job that has ended never changes again", (before, after) => !isTerminal(before.status) || after === before],
  [
    "the version grows by exactly one with a change, and a job that does not change stays the same object",
    (before, after) => after === before || after.version === before.version + 1,
  ],
  [
    "completed_at is set exactly when the job has ended, to the moment of it",
    (before, after, now) =>
      (after.completedAt !== null) === isTerminal(after.status) &&
      (after === before || [null, now].includes(after.completedAt)),
  ],
  [
    "a job asks to be woken exactly as long as it has not ended",
    (_before, after) => (after.wakeAt === null) === isTerminal(after.status),
  ],
  [
    "nothing is at work on a job that has ended or has not begun",
    (_before, after) => !after.isAtWork || after.status === "RUNNING" || after.status === "CANCELLING",
  ],
  [
    "strikes are never negative and never pass the limit",
    (_before, after) => after.strikes >= 0 && after.strikes <= STRIKE_LIMIT,
  ],
  [
    "after a cancel was asked for, nothing but CANCELLED can follow",
    (before, after) => before.status !== "CANCELLING" || ["CANCELLING", "CANCELLED"].includes(after.status),
  ],
  [
    "an error and its category are there exactly when the job failed",
    (_before, after) =>
      (after.error !== null) === (after.status === "FAILED") &&
      (after.errorCategory !== null) === (after.status === "FAILED"),
  ],
  [
    "started_at is set once, by the first slice",
    (before, after) =>
      (before.startedAt === null || after.startedAt === before.startedAt) &&
      (after.status !== "RUNNING" || after.startedAt !== null),
  ],
  [
    "no event touches who the job is and what was asked of it",
    (before, after) =>
      (["id", "connectionId", "trigger", "mode", "createdAt", "deadlineAt", "counts"] as const).every(
        (key) => after[key] === before[key],
      ),
  ],
  ["a job can always be stored and read again", (_before, after) => jobSchema.safeParse(after).success],
];

test.each(PROPERTIES)("%s", (_name, holds) => {
  expect(counterexample(holds)).toBeNull();
});

test.each(jobStatusSchema.options)("random histories reach %s, so the properties are about something", (status) => {
  expect(counterexample((before) => before.status !== status)).not.toBeNull();
});
