import { expect, test } from "vitest";

import { jobEntries } from "#core/job-entries";
import { NO_COUNTS, transition, type Job, type JobEvent } from "#core/job";
import { aJob, AT } from "#test/support/builders";

const NOW = AT + 60_000;
const SLICE: JobEvent = { type: "slice_started", pages: 0, hasRead: false, leaseUntil: NOW + 60_000 };
const running = transition(aJob(), SLICE, AT);

function told(before: Job, event: JobEvent) {
  return jobEntries(before, transition(before, event, NOW), NOW).map(({ type, message }) => ({ type, message }));
}

test.each([
  [aJob(), "Started on request: reads everything."],
  [aJob({ forcedFull: true }), "Started on request: reads everything, as was asked for."],
  [
    aJob({ trigger: "schedule", mode: "incremental" }),
    "Started by its schedule: reads what has changed since the last sync.",
  ],
  [aJob({ trigger: "webhook" }), "Started by a webhook: reads everything."],
  [aJob({ trigger: "create" }), "Started with its connection: reads everything."],
])("a job that begins says how and why", (job, message) => {
  expect(told(job, SLICE)).toEqual([{ type: "started", message }]);
});

test("a slice that follows at once is nothing to tell", () => {
  const between = transition(running, { type: "slice_ended", wakeAt: NOW, waiting: null }, NOW);
  expect(jobEntries(running, between, NOW)).toEqual([]);
  expect(told(between, SLICE)).toEqual([]);
});

test("going on after waiting says what it had waited for", () => {
  const waiting = transition(running, { type: "slice_ended", wakeAt: NOW, waiting: "Too many requests." }, AT);
  expect(told(waiting, SLICE)).toEqual([{ type: "resumed", message: "Goes on after waiting. Too many requests." }]);
});

test("a moment's wait is nothing to tell: a source may ask for thousands of them", () => {
  const waiting = transition(running, { type: "slice_ended", wakeAt: NOW, waiting: "Not yet." }, NOW - 999);
  expect(told(waiting, SLICE)).toEqual([]);
});

test("going on after a slice that died says so", () => {
  expect(told(running, SLICE)).toMatchObject([{ type: "resumed", message: expect.stringContaining("interruption") }]);
});

test("the end says what was done, once", () => {
  const job = { ...running, counts: { ...NO_COUNTS, inserted: 3, kept: 5 } };
  const completed = { ...transition(job, { type: "finished", failures: [] }, NOW), counts: job.counts };
  expect(jobEntries(job, completed, NOW)).toEqual([
    { at: NOW, type: "completed", stream: null, message: "Completed: 3 inserted, 5 unchanged.", until: null },
  ]);
  expect(jobEntries(completed, { ...completed, version: 99 }, NOW)).toEqual([]);
});

test("a failure names its reasons, and deletes that are held back are told for themselves", () => {
  const failures = [
    { stream: "a", category: "deletes_held_back", message: "Too many are gone." },
    { stream: "b", category: "not_found", message: "Not there." },
  ] as const;
  expect(told(running, { type: "finished", failures })).toEqual([
    { type: "deletes_held_back", message: "Too many are gone." },
    {
      type: "failed",
      message:
        'Failed, with what was committed kept: nothing new. Stream "a": Too many are gone. Stream "b": Not there.',
    },
  ]);
});

test("a cancel is told when it is done", () => {
  expect(told(running, { type: "cancel_requested" })).toEqual([]);
  expect(told(transition(running, { type: "cancel_requested" }, AT), { type: "stopped" })).toMatchObject([
    { type: "cancelled" },
  ]);
});
