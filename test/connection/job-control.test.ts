import { describe, expect, test } from "vitest";

import { JobControl } from "#connection/job-control";
import type { RunRequest } from "#connection/rpc";
import { MemoryDisk } from "#test/simulation/core/memory-disk";
import { memoryStores } from "#test/simulation/core/memory-stores";
import { CountingIds } from "#test/simulation/counting-ids";
import { Life } from "#test/simulation/platform/life";
import { aConnection, AT, HOUR_MS } from "#test/support/builders";

const nowhere = async (): Promise<void> => undefined;

const RUN: RunRequest = {
  trigger: "manual",
  forceFullSync: false,
  confirmDeletes: false,
  idempotencyKey: null,
  onConflict: "queue",
};

/** The jobs of a connection that has none yet. */
function noJobs() {
  const stores = memoryStores(new MemoryDisk(), new Life(), { project: nowhere, publish: nowhere });
  stores.connection.write(aConnection());
  const ids = new CountingIds({ count: 0, lastAt: 0 });
  const around = { now: () => AT, random: () => 0.5, newId: (at: number) => ids.next(at), findSource: () => null };
  const control = new JobControl(stores, around, () => ({ isContinuous: false, deadlineMs: HOUR_MS, jitterMs: 0 }));
  return { control, jobs: stores.jobs };
}

/** The run that comes after a first job that was asked for like this, and these requests for it. */
function followed(first: Partial<RunRequest>, asked: readonly Partial<RunRequest>[]) {
  const { control, jobs } = noJobs();
  control.run({ ...RUN, ...first });
  const active = jobs.active();
  for (const each of asked) control.run({ ...RUN, ...each });
  if (active !== null) control.cancel(active.id, false);
  return jobs.active();
}

describe("a run that comes after the active job", () => {
  test("makes the deletes that one of those confirmed who asked for it, whoever was last", () => {
    expect(followed({}, [{ confirmDeletes: true }, {}])).toMatchObject({ deletesConfirmed: true });
    expect(followed({}, [{}, { confirmDeletes: true }])).toMatchObject({ deletesConfirmed: true });
  });

  test("does not make those that were confirmed for the job before it only", () => {
    expect(followed({ confirmDeletes: true }, [{}])).toMatchObject({ deletesConfirmed: false });
  });
});

test("a job that was cancelled is neither a success nor a failure", () => {
  const { control, jobs } = noJobs();
  control.run(RUN);
  control.cancel(jobs.active()?.id ?? "", false);

  expect(jobs.runs()).toEqual({ total: 1, successful: 0, failed: 0 });
});
