import * as fc from "fast-check";
import { expect, test } from "vitest";

import { jobProgress } from "#core/job-progress";
import type { StreamProgress } from "#core/stream-state";
import { aJob, aStream, AT } from "#test/support/builders";

const running = aJob({ status: "RUNNING", version: 4 });

function revision(progress: Partial<StreamProgress>, job = running, retries = 0, now = AT): string {
  return jobProgress(job, [aStream(progress)], retries, now).revision;
}

test.each<[string, Partial<StreamProgress>]>([
  ["a page", { pages: 1 }],
  ["a failure", { attempts: 1 }],
  ["a lost cursor", { restarts: 1 }],
  ["the end of the stream", { phase: "done" }],
])("%s is another revision", (_what, progress) => {
  expect(revision(progress)).not.toBe(revision({}));
});

test("a change of the job, or a try to list its streams, is another revision", () => {
  expect(revision({}, { ...running, version: 5 })).not.toBe(revision({}));
  expect(revision({}, running, 1)).not.toBe(revision({}));
});

test("a page never leads back to a revision that was, whatever failures came before it", () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.nat(), fc.nat(), (pages, attempts, more, later) => {
      const after = revision({ pages: pages + 1 + more, attempts: later });
      expect(after).not.toBe(revision({ pages, attempts }));
    }),
  );
});

test("time alone changes nothing", () => {
  expect(revision({}, running, 0, AT + 5_000)).toBe(revision({}));
});

test("what has ended has one revision, whoever reads the streams next and whatever D1 is told again", () => {
  const ended = aJob({ status: "COMPLETED", version: 9, completedAt: AT });
  expect(revision({ pages: 3 }, ended)).toBe(revision({ pages: 7 }, ended));
  expect(revision({}, { ...ended, version: 10 })).toBe(revision({}, ended));
  expect(revision({}, ended)).not.toBe(revision({}, { ...running, version: 9 }));
});

test("a stream waits only as long as it is not yet time", () => {
  const stream = aStream({ retryAt: AT + 1_000, reason: "Slow down." });
  const at = (now: number) => jobProgress(running, [stream], 0, now).streams[0];
  expect(at(AT)).toMatchObject({ work: "waiting", waiting: { until: AT + 1_000, reason: "Slow down." } });
  expect(at(AT + 1_000)).toMatchObject({ work: "reading", waiting: null });
});
