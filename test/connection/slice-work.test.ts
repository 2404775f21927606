import { expect, test, vi } from "vitest";

import { readConfig } from "#config";
import { JobControl } from "#connection/job-control";
import { SliceWork } from "#connection/slice-work";
import { MemoryDisk } from "#test/simulation/core/memory-disk";
import { memoryStores } from "#test/simulation/core/memory-stores";
import { Life } from "#test/simulation/platform/life";
import { VARIABLES } from "#test/simulation/setting";
import { aConnection, aJob, aStream, AT, HOUR_MS } from "#test/support/builders";

const nowhere = async (): Promise<void> => undefined;

test("a job that has read everything deletes what is gone though its source can't be opened any more: some may be deleted already", async () => {
  vi.spyOn(console, "log").mockReturnValue();
  const around = { now: () => AT + 1, random: () => 0.5, newId: String, findSource: () => null };
  const stores = memoryStores(new MemoryDisk(), new Life(), { project: nowhere, publish: nowhere });
  const job = aJob({ status: "RUNNING", startedAt: AT });
  stores.connection.write(aConnection({ shortName: "gone" }));
  stores.jobs.write(job);
  stores.jobs.savePlanning({ jobId: job.id, isPlanned: true, attempts: 0, retryAt: null, reason: null });
  const stream = aStream({ jobId: job.id, phase: "read", sweptTo: "a", seen: 0, before: 1 });
  stores.streams.write({ ...stream, count: 1, nextEntityNumber: 1 });
  const change = { stream: 0, jobId: job.id, at: AT, deletes: [] };
  stores.entities.write(change, [{ id: "b", number: 0, text: "{}", isNew: true }]);
  const control = new JobControl(stores, around, () => ({ isContinuous: false, deadlineMs: HOUR_MS, jitterMs: 0 }));

  await new SliceWork(stores, control, readConfig(VARIABLES), around).run(job, () => undefined);

  expect(stores.jobs.read(job.id)).toMatchObject({ status: "COMPLETED", counts: { deleted: 1 } });
});
