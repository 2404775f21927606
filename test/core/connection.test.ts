import { expect, test } from "vitest";

import { connectionStatus, syncSettingsSchema, type ConnectionStatus } from "#core/connection";
import { errorCategorySchema, jobStatusSchema, type JobStatus } from "#core/job";
import { aJob, AT } from "#test/support/builders";

const EXPECTED: Record<Exclude<JobStatus, "FAILED">, ConnectionStatus> = {
  PENDING: "active",
  RUNNING: "syncing",
  CANCELLING: "syncing",
  COMPLETED: "active",
  CANCELLED: "active",
};

test("a connection that never synced is active", () => {
  expect(connectionStatus(null, AT)).toBe("active");
});

test.each(jobStatusSchema.exclude(["FAILED"]).options)("with a newest job that is %s", (status) => {
  expect(connectionStatus(aJob({ status }), AT)).toBe(EXPECTED[status]);
});

test.each(errorCategorySchema.options)("with a newest job that failed with %s", (errorCategory) => {
  const job = aJob({ status: "FAILED", errorCategory, completedAt: AT + 1_000 });
  expect(connectionStatus(job, AT)).toBe(errorCategory === "api_key_invalid" ? "needs_reauth" : "error");
});

test("credentials that were replaced after they had failed are given the benefit of the doubt", () => {
  const job = aJob({ status: "FAILED", errorCategory: "api_key_invalid", completedAt: AT + 1_000 });
  expect(connectionStatus(job, AT + 1_001)).toBe("active");
  // The clock may not tell the two apart, and a new key that is never tried would stop the schedule for good.
  expect(connectionStatus(job, AT + 1_000)).toBe("active");
});

test.each([
  { delete_guard_ratio: -0.1 },
  { delete_guard_ratio: 1.1 },
  { delete_guard_ratio: "0.5" },
  { delete_guard_min_entities: -1 },
  { delete_guard_min_entities: 1.5 },
  { job_deadline_seconds: 0 },
  { job_deadline_seconds: 31 * 86_400 },
  { unknown: true },
])("settings that make no sense are refused: %j", (settings) => {
  expect(syncSettingsSchema.safeParse(settings).success).toBe(false);
});
