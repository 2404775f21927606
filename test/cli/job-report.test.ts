import { expect, test } from "vitest";

import { durationText, reportOf } from "#cli/job-report";

test.each([
  [0, "0 ms"],
  [0.0154, "15 ms"],
  [1, "1.0 s"],
  [59.94, "59.9 s"],
  [61.2, "1 min 1 s"],
  [7_500, "2 h 5 min"],
])("%f seconds read %s", (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

test("what failed streams is said once, for each of them", () => {
  const job = {
    id: "770e8400-e29b-41d4-a716-446655440000",
    status: "FAILED" as const,
    started_at: null,
    duration_seconds: 2,
    entities_inserted: 1,
    entities_updated: 0,
    entities_deleted: 0,
    entities_kept: 0,
    entities_failed: 0,
    sync_mode: "full",
    trigger: "manual",
    created_at: "2026-01-01T00:00:00.000Z",
    waiting_until: null,
    waiting_reason: null,
  };
  const orders = { stream: "orders", message: "GET /orders answered 500." };
  const people = { stream: "people", message: "GET /people answered 500." };
  const error = `Stream "orders": ${orders.message} Stream "people": ${people.message}`;
  const details = { streams: [orders, people], rejected: [] };
  expect(
    reportOf({ ...job, error, error_details: details })
      .split("\n")
      .slice(1),
  ).toEqual(["  orders: GET /orders answered 500.", "  people: GET /people answered 500."]);
  const early = { ...job, error: "The deadline is over.", error_details: null };
  expect(reportOf(early).split("\n").slice(1)).toEqual(["  The deadline is over."]);
});
