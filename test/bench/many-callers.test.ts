import { expect, test } from "vitest";

import { Refused, Unreachable } from "#cli/refused";
import { expectRefusedWith } from "./many-callers.ts";

const JOB = "01a208fa-7594-77fb-a0f4-62954ed28a61";
const ANOTHER = "01a208fa-7594-77fb-a0f4-62954ed28a62";

function refusal(status: number, jobId: string | null): Refused {
  const job = {
    id: jobId,
    source_connection_id: "dcc33e04-3e5f-4715-b13a-e0c751535e16",
    status: "PENDING",
    started_at: null,
    completed_at: null,
    duration_seconds: null,
    entities_inserted: 0,
    entities_updated: 0,
    entities_deleted: 0,
    entities_failed: 0,
    entities_kept: 0,
    error: null,
    error_details: null,
    error_category: null,
    created_at: "2026-11-23T15:16:01.556Z",
    trigger: "manual",
    sync_mode: "full",
    waiting_until: null,
    waiting_reason: null,
  };
  return new Refused("POST /run", status, JSON.stringify({ detail: "No.", ...(jobId === null ? {} : { job }) }));
}

test("a caller is to be refused with 409 and the job that is active", () => {
  expect(() => expectRefusedWith(JOB, refusal(409, JOB))).not.toThrow();
});

test("any other refusal, another job or none, or no answer at all is not it", () => {
  expect(() => expectRefusedWith(JOB, refusal(500, JOB))).toThrow("with 500");
  expect(() => expectRefusedWith(JOB, refusal(409, ANOTHER))).toThrow(ANOTHER);
  expect(() => expectRefusedWith(JOB, refusal(409, null))).toThrow("null");
  expect(() => expectRefusedWith(JOB, new Unreachable("gone"))).toThrow("gone");
});
