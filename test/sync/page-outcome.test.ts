import { expect, test } from "vitest";

import type { StreamProgress } from "#core/stream-state";
import { CursorLost } from "#sources/source";
import { applyPage } from "#sync/apply-page";
import { commitFailure } from "#sync/page-outcome";
import type { JobState } from "#sync/ports";
import { aPage, AT, aStream, COMPLETE, HOUR_MS } from "#test/support/builders";
import { MemoryCopy } from "#test/support/memory-copy";
import { records } from "#test/support/scripted-source";

test.each<[string, Partial<StreamProgress>]>([
  ["went on with an earlier job's", { isContinued: true }],
  ["other credentials came into", { isMixed: true }],
  ["met records without an id", { nameless: 2 }],
])("a pass that %s proves no deletes, and the one that begins anew where its place is lost does", (_case, progress) => {
  const copy = new MemoryCopy();
  const before = applyPage(copy, aStream(progress), aPage({ records: records(["a", "b"]) }), AT);
  const state: Pick<JobState, "commit"> = { commit: (_name, change) => change(before, copy) };
  const ports = { state: { ...NO_JOB, ...state }, now: () => AT, random: () => 0, deadlineAt: AT + HOUR_MS };
  const anew = commitFailure(ports, before, new CursorLost("Page token expired."));
  if (anew === null) throw new Error("The job is not running.");

  expect(applyPage(copy, anew, aPage({ records: records(["a"]), end: COMPLETE }), AT).progress.phase).toBe("read");
});

const NO_JOB: Omit<JobState, "commit"> = {
  streams: () => null,
  planning: () => ({ attempts: 0, retryAt: null, reason: null }),
  plan: () => false,
  postponePlanning: () => false,
};
