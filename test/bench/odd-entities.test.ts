import { expect, test } from "vitest";

import { jobSchema } from "#cli/api-answers";
import { expectTooLarge } from "./odd-entities.ts";

const LIMIT = "answered with more than 8000000 bytes";

function aFailedJob(error: string, category: string) {
  return jobSchema.parse({
    id: "01a208fa-7594-77fb-a0f4-62954ed28a61",
    status: "FAILED",
    started_at: "2026-11-23T15:16:01.556Z",
    duration_seconds: 3,
    entities_inserted: 0,
    entities_updated: 0,
    entities_deleted: 0,
    entities_failed: 0,
    entities_kept: 0,
    sync_mode: "full",
    trigger: "manual",
    created_at: "2026-11-23T15:16:01.556Z",
    error,
    error_details: null,
    error_category: category,
    waiting_until: null,
    waiting_reason: null,
  });
}

test("a page that is too large is to say so, with the limit", () => {
  const job = aFailedJob(
    `Stream "pages": GET https://upstream/pages ${LIMIT}, the most that is read at once.`,
    "bad_response",
  );
  expect(() => expectTooLarge(job, [LIMIT])).not.toThrow();
});

test("a job that dies over it until it is ended names its stream too, and is not it", () => {
  const died = aFailedJob('Stream "pages": The sync made no progress in 5 tries.', "internal");
  expect(() => expectTooLarge(died, [LIMIT])).toThrow("no progress");
  expect(() => expectTooLarge(aFailedJob(`It ${LIMIT}.`, "internal"), [LIMIT])).toThrow("internal");
  expect(() => expectTooLarge(aFailedJob("It is too large.", "bad_response"), [LIMIT])).toThrow("too large");
});
