import { expect, test } from "vitest";

import { NO_COUNTS, type Job } from "#core/job";
import { jobProgress } from "#core/job-progress";
import { Pace } from "#core/pace";
import { aJob, AT } from "#test/support/builders";

function seen(inserted: number, afterMs: number, job: Partial<Job> = {}) {
  const running = aJob({ status: "RUNNING", startedAt: AT, counts: { ...NO_COUNTS, inserted }, ...job });
  return jobProgress(running, [], 0, AT + afterMs);
}

test("the first look sees the average of the whole job, later ones that of the last ten seconds", () => {
  const pace = new Pace();
  expect(pace.after(seen(600, 60_000))).toBe(10);
  expect(pace.after(seen(800, 70_000))).toBe(20);
  expect(pace.after(seen(1_800, 80_000))).toBe(100);
});

test("looks that are close together do not make it jump", () => {
  const pace = new Pace();
  pace.after(seen(0, 1));
  for (let ms = 500; ms < 20_000; ms += 500) pace.after(seen(ms, ms));
  expect(pace.after(seen(20_000, 20_000))).toBe(1_000);
});

test("a job that has ended shows its average, measured to its end", () => {
  const pace = new Pace();
  pace.after(seen(0, 0));
  const ended = { status: "COMPLETED", completedAt: AT + 4_000 } as const;
  expect(pace.after(seen(100, 90_000, ended))).toBe(25);
});

test.each([
  ["has not started", seen(0, 1_000, { startedAt: null })],
  ["waits for long", seen(500, 1_000, { waiting: { until: AT + 3_600_000, reason: "" } })],
  ["was started this very moment", seen(0, 0)],
])("a job that %s has no pace", (_what, progress) => {
  expect(new Pace().after(progress)).toBe(0);
});

test("a pass that begins again is no negative pace", () => {
  const pace = new Pace();
  pace.after(seen(1_000, 1_000));
  expect(pace.after(seen(10, 2_000))).toBe(0);
});
