import { expect, test } from "vitest";

import type { Job, LogEntry } from "#cli/api-answers";
import { JobProgress } from "#cli/job-progress";

const NOW = Date.parse("2026-01-01T00:00:00.000Z");

function job(changes: Partial<Job> = {}): Job {
  return {
    id: "770e8400-e29b-41d4-a716-446655440000",
    status: "RUNNING",
    started_at: null,
    duration_seconds: null,
    entities_inserted: 0,
    entities_updated: 0,
    entities_deleted: 0,
    entities_kept: 0,
    entities_failed: 0,
    sync_mode: "full",
    trigger: "manual",
    created_at: "2026-01-01T00:00:00.000Z",
    error: null,
    error_details: null,
    waiting_until: null,
    waiting_reason: null,
    ...changes,
  };
}

/** What is written while the clock goes on by a second with each job that is shown. */
function written(isTTY: boolean, expected: number | null, jobs: readonly Job[]): string {
  let text = "";
  let now = NOW;
  const output = { isTTY, columns: 60, write: (part: string) => (text += part) };
  const progress = new JobProgress(output, { expected, now: () => now });
  for (const each of jobs) {
    progress.show(each);
    now += 1_000;
  }
  progress.close();
  return text;
}

test("in a pipe there are plain lines: for a new state at once, for numbers only every few seconds", () => {
  const text = written(false, null, [
    job({ status: "PENDING" }),
    ...[1, 2, 3, 4, 5, 6].map((done) => job({ entities_inserted: done })),
    job({ entities_inserted: 6, waiting_until: "2026-01-01T00:10:00.000Z", waiting_reason: "Rate limit." }),
    job({ status: "COMPLETED", entities_inserted: 6 }),
  ]);
  expect(text).toBe(
    [
      "PENDING: 0 inserted, 0 updated, 0 deleted, 0 unchanged",
      "RUNNING: 1 inserted, 0 updated, 0 deleted, 0 unchanged",
      "RUNNING: 6 inserted, 0 updated, 0 deleted, 0 unchanged",
      "RUNNING: 6 inserted, 0 updated, 0 deleted, 0 unchanged (waiting until 2026-01-01 00:10:00 UTC: Rate limit)",
      "",
    ].join("\n"),
  );
});

test("a wait that is over before it is read is not mentioned", () => {
  const text = written(false, null, [job(), job({ waiting_until: "2026-01-01T00:00:02.000Z", waiting_reason: "x" })]);
  expect(text).not.toContain("waiting");
});

test("on a terminal one line changes, fits, and goes away at the end", () => {
  const text = written(true, null, [
    job({ entities_kept: 12_600 }),
    job({
      entities_kept: 12_700,
      waiting_until: "2026-01-01T01:00:00.000Z",
      waiting_reason: "The source asks for patience",
    }),
  ]);
  const lines = text.split("\r\u001B[2K");
  expect(lines).toHaveLength(4);
  expect(lines[1]).toContain("12,600 entities");
  expect(lines[2]).toMatch(/waiting until .*…$/);
  expect(lines.every((line) => line.length < 60)).toBe(true);
  expect(lines.at(-1)).toBe("");
  expect(text).not.toContain("\n");
});

const entry: LogEntry = {
  at: "2026-01-01T00:00:00.000Z",
  level: "warning",
  type: "rate_limited",
  stream: "orders",
  message: "The API answered 429.",
  until: "2026-01-01T00:10:00.000Z",
};

test("what the log tells stands above the line that changes", () => {
  let text = "";
  const output = { isTTY: true, columns: 60, write: (part: string) => (text += part) };
  const progress = new JobProgress(output, { expected: null, now: () => NOW });
  progress.show(job({ entities_kept: 5 }));
  progress.tell(entry);
  const lines = text.split("\r\u001B[2K");
  expect(lines[2]).toBe("  orders: The API answered 429. Goes on at 2026-01-01T00:10:00.000Z.\n");
  expect(lines[3]).toContain("5 entities");
});

test("of the log, what the progress and the end show anyway is left out", () => {
  let text = "";
  const progress = new JobProgress({ write: (part: string) => (text += part) }, { expected: null, now: () => NOW });
  for (const type of ["started", "waiting", "resumed", "completed", "failed", "cancelled"]) {
    progress.tell({ ...entry, type });
  }
  expect(text).toBe("");
});

test("between two events what moves goes on moving, until the end", () => {
  let text = "";
  let now = NOW;
  const output = { isTTY: true, columns: 60, write: (part: string) => (text += part) };
  const progress = new JobProgress(output, { expected: null, now: () => now });
  progress.redraw();
  progress.show(job({ entities_kept: 5 }));
  now += 1_000;
  progress.redraw();
  expect(text).toMatch(/0:00[^]*0:01/);
  progress.show(job({ status: "COMPLETED" }));
  const before = text;
  progress.redraw();
  expect(text).toBe(before);
});

test("with an idea of the end there is a bar, until the idea proves wrong", () => {
  const text = written(true, 100, [job({ entities_kept: 50 }), job({ entities_kept: 150 })]);
  expect(text).toContain("50 %  50 of 100");
  expect(text).toMatch(/RUNNING {2}150 entities {2}100\/s/);
});

test("the speed is that of what was watched, not of what was done before", () => {
  expect(written(true, 1_000, [job({ entities_kept: 500 }), job({ entities_kept: 520 })])).toContain(
    "520 of 1,000  20/s",
  );
});
