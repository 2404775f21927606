import { describe, expect, test, vi } from "vitest";

import { storeAmendment } from "#connection/stored-amendment";
import type { StreamProgress } from "#core/stream-state";
import { MemoryDisk } from "#test/simulation/core/memory-disk";
import { memoryStores } from "#test/simulation/core/memory-stores";
import { DiskFull } from "#test/simulation/platform/commits";
import { Life } from "#test/simulation/platform/life";
import { aConnection, aJob, aStream, AT } from "#test/support/builders";

const nowhere = async (): Promise<void> => undefined;
const around = { now: () => AT + 1, random: () => 0.5, newId: String, findSource: () => null };
const SEALED = { keyId: "", wrapIv: "", wrappedKey: "", iv: "", ciphertext: "other" };

test("a stream whose credentials were refused is read on with those that took their place, by the same job", () => {
  const stores = memoryStores(new MemoryDisk(), new Life(), { project: nowhere, publish: nowhere });
  const { id: jobId } = aJob();
  const failure = { stream: "items", category: "api_key_invalid", message: "Not valid." } as const;
  stores.connection.write(aConnection());
  stores.jobs.write(aJob({ status: "RUNNING" }));
  stores.streams.write(aStream({ jobId, phase: "failed", checkpoint: 7, attempts: 1, failure }));
  const told = vi.spyOn(stores.log, "append");
  const replaced = { credentials: SEALED, keepsakes: null };

  storeAmendment(stores, around, { patch: {}, replaced, source: null, jitterMs: 0 }, () => undefined);

  expect(stores.streams.read("items")?.progress).toMatchObject({ phase: "reading", checkpoint: 7, failure: null });
  expect(told).toHaveBeenCalledWith(jobId, [expect.objectContaining({ type: "resumed", stream: "items" })]);
});

describe("other credentials may show other things", () => {
  const replaced = { credentials: SEALED, keepsakes: null };
  const confirmed = aJob({ status: "RUNNING", deletesConfirmed: true });

  /** Stores of a connection whose job has one stream that stands there. */
  function amended(progress: Partial<StreamProgress>) {
    const stores = memoryStores(new MemoryDisk(), new Life(), { project: nowhere, publish: nowhere });
    stores.connection.write(aConnection());
    stores.jobs.write(confirmed);
    stores.jobs.savePlanning({ jobId: confirmed.id, isPlanned: true, attempts: 0, retryAt: null, reason: null });
    stores.jobs.queueFollowUp({ trigger: "manual", forceFullSync: true, confirmDeletes: true });
    stores.streams.write(aStream({ jobId: confirmed.id, ...progress }));
    storeAmendment(stores, around, { patch: {}, replaced, source: null, jitterMs: 0 }, () => undefined);
    const next = stores.jobs.followUp();
    return { job: stores.jobs.active(), next, progress: stores.streams.read("items")?.progress };
  }

  test("so a pass that is half read proves nothing, and what was confirmed is not any more", () => {
    const { job, progress } = amended({ checkpoint: 7 });
    expect(progress).toMatchObject({ phase: "reading", checkpoint: 7, isMixed: true });
    expect(job?.deletesConfirmed).toBe(false);
  });

  test("and one that has not begun is all theirs", () => {
    const { job, progress } = amended({});
    expect(progress).toMatchObject({ phase: "reading", isMixed: false });
    expect(job?.deletesConfirmed).toBe(false);
  });

  test("but where all has been read orphans may be gone already, and the others follow", () => {
    const { job, progress } = amended({ phase: "read", sweptTo: "m" });
    expect(progress).toMatchObject({ phase: "read", isMixed: false });
    expect(job?.deletesConfirmed).toBe(true);
  });

  test("and what the run after it was allowed is allowed no more, also where all has been read", () => {
    expect(amended({ checkpoint: 7 }).next).toMatchObject({ forceFullSync: true, confirmDeletes: false });
    expect(amended({ phase: "read", sweptTo: "m" }).next).toMatchObject({ forceFullSync: true, confirmDeletes: false });
  });
});

test("what is not stored, since the disk is full, breaks off no slice", () => {
  const disk = new MemoryDisk();
  const stores = memoryStores(disk, new Life(), { project: nowhere, publish: nowhere });
  stores.connection.write(aConnection());
  disk.commits.refuseOne(0);
  const onReplaced = vi.fn<() => void>();
  const replaced = { credentials: SEALED, keepsakes: null };

  expect(() => storeAmendment(stores, around, { patch: {}, replaced, source: null, jitterMs: 0 }, onReplaced)).toThrow(
    DiskFull,
  );
  expect(onReplaced).not.toHaveBeenCalled();
});
