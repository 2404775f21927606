import fc from "fast-check";
import { expect, test } from "vitest";

import { isTerminal, jobSchema, STRIKE_LIMIT, transition, type Job, type JobEvent } from "#core/job";
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
    fc.record({ type: fc.constant("slice_started" as const), pages: fc.nat(2), leaseUntil: fc.constant(AT + 1) }),
    fc.record({ type: fc.constant("slice_ended" as const), wakeAt: fc.constant(AT), waiting: fc.constant(null) }),
  );
}

/** Checks a property of every step of a random history. */
function always(holds: (before: Job, after: Job, event: JobEvent, now: number) => void): void {
  fc.assert(
    fc.property(events, (history) => {
      let job = aJob();
      for (const { event: next, at } of history) {
        const after = transition(job, next, AT + at);
        holds(job, after, next, AT + at);
        job = after;
      }
    }),
    { numRuns: 500 },
  );
}

test("a job that has ended never changes again", () => {
  always((before, after) => {
    if (isTerminal(before.status)) expect(after).toBe(before);
  });
});

test("the version grows by exactly one with a change, and a job that does not change stays the same object", () => {
  always((before, after) => {
    expect(after === before || after.version === before.version + 1).toBe(true);
  });
});

test("completed_at is set exactly when the job has ended", () => {
  always((_before, after, _event, now) => {
    expect(after.completedAt !== null).toBe(isTerminal(after.status));
    expect(after.completedAt ?? now).toBeLessThanOrEqual(AT + HOUR_MS * 2);
  });
});

test("a job asks to be woken exactly as long as it has not ended", () => {
  always((_before, after) => expect(after.wakeAt === null).toBe(isTerminal(after.status)));
});

test("nothing is at work on a job that has ended or has not begun", () => {
  always((_before, after) => {
    if (after.status === "PENDING" || isTerminal(after.status)) expect(after.isAtWork).toBe(false);
  });
});

test("strikes are never negative and never pass the limit", () => {
  always((_before, after) => {
    expect(after.strikes).toBeGreaterThanOrEqual(0);
    expect(after.strikes).toBeLessThanOrEqual(STRIKE_LIMIT);
  });
});

test("after a cancel was asked for, nothing but CANCELLED can follow", () => {
  always((before, after) => {
    if (before.status === "CANCELLING") expect(["CANCELLING", "CANCELLED"]).toContain(after.status);
  });
});

test("an error and its category are there exactly when the job failed", () => {
  always((_before, after) => {
    expect(after.error !== null).toBe(after.status === "FAILED");
    expect(after.errorCategory !== null).toBe(after.status === "FAILED");
  });
});

test("started_at is set once, by the first slice", () => {
  always((before, after) => {
    if (before.startedAt !== null) expect(after.startedAt).toBe(before.startedAt);
    if (after.status === "RUNNING") expect(after.startedAt).not.toBeNull();
  });
});

test("no event touches who the job is and what was asked of it", () => {
  always((before, after) => {
    for (const key of ["id", "connectionId", "trigger", "mode", "createdAt", "deadlineAt", "counts"] as const) {
      expect(after[key]).toEqual(before[key]);
    }
    expect(jobSchema.safeParse(after).success).toBe(true);
  });
});
