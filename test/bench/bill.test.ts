import { expect, test } from "vitest";

import { dollarsFor, perMillion } from "./bill.ts";

test("a million rows written are a dollar, and an object in memory for a million seconds is $1.60", () => {
  expect(dollarsFor({ rowsWritten: 1e6, rowsRead: 0, objectRequests: 0, objectSeconds: 0 })).toBeCloseTo(1, 9);
  expect(dollarsFor({ rowsWritten: 0, rowsRead: 0, objectRequests: 0, objectSeconds: 1e6 })).toBeCloseTo(1.6, 9);
  expect(dollarsFor({ rowsWritten: 0, rowsRead: 1e9, objectRequests: 1e6, objectSeconds: 0 })).toBeCloseTo(1.15, 9);
});

test("what some entities cost is scaled to a million of them", () => {
  const usage = { rowsWritten: 101, rowsRead: 50, objectRequests: 2, objectSeconds: 0.5 };
  expect(perMillion(usage, 100)).toEqual({
    rowsWritten: 1_010_000,
    rowsRead: 500_000,
    objectRequests: 20_000,
    objectSeconds: 5_000,
  });
});
