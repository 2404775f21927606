import { afterEach, expect, test, vi } from "vitest";

import { dataPoint, type DataPoint } from "#observability/data-point";
import { unexpectedError, type JobEnded } from "#observability/events";
import { log, recordTo } from "#observability/log";

afterEach(() => void vi.restoreAllMocks());

const ended: JobEnded = {
  event: "job_ended",
  source_connection_id: "c-1",
  organization_id: "o-1",
  source: "github",
  job_id: "j-1",
  status: "FAILED",
  trigger: "manual",
  sync_mode: "full",
  error_category: "rate_limited",
  duration_ms: 1_500,
  inserted: 1,
  updated: 2,
  deleted: 3,
  kept: 4,
  failed: 5,
};

test("a job's end is one point: texts to group by, numbers to sum", () => {
  expect(dataPoint(ended)).toEqual({
    indexes: ["o-1"],
    blobs: ["job_ended", "c-1", "github", "FAILED", "manual", "full", "rate_limited"],
    doubles: [1_500, 1, 2, 3, 4, 5],
  });
});

test("what is logged goes to the dataset once there is one, and never a message", () => {
  vi.spyOn(console, "log").mockReturnValue();
  const points: DataPoint[] = [];
  log(ended);
  recordTo({ writeDataPoint: (point) => void points.push(point) });
  log(ended);
  log(unexpectedError("test", null, new Error("with a secret in it")));
  expect(points).toEqual([dataPoint(ended)]);
});

test("a dataset that takes no more breaks nothing", () => {
  const lines = vi.spyOn(console, "log").mockReturnValue();
  recordTo({
    writeDataPoint: () => {
      throw new Error("Too many.");
    },
  });
  log(ended);
  expect(lines).toHaveBeenCalledOnce();
});

test("an index is within the 96 bytes that Analytics Engine takes", () => {
  const id = crypto.randomUUID();
  expect(dataPoint({ ...ended, organization_id: id })?.indexes[0].length).toBeLessThanOrEqual(96);
});
