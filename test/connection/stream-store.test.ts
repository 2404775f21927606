import { expect, test } from "vitest";

import { MemoryDisk } from "#test/simulation/core/memory-disk";
import { memoryStores } from "#test/simulation/core/memory-stores";
import { Life } from "#test/simulation/platform/life";
import { aStream } from "#test/support/builders";
import { aStreamOf } from "#test/support/scripted-source";

const nowhere = async (): Promise<void> => undefined;
const LISTED = aStreamOf("items", { incremental: true });

/** A stream whose first read was left after its third page. */
function leftOff() {
  const { streams } = memoryStores(new MemoryDisk(), new Life(), { project: nowhere, publish: nowhere });
  const { primaryKey } = LISTED;
  const key = primaryKey === null ? null : primaryKey.map((path) => [...path]);
  streams.write(aStream({ jobId: "job-1", terms: "v1", pages: 3, checkpoint: 3, primaryKey: key }));
  const begin = () => {
    streams.begin({ jobId: "job-2", forcedFull: false, isScheduled: false, terms: "v1" }, [LISTED]);
    return streams.read("items");
  };
  return { streams, begin };
}

test("a first read that was left unfinished is gone on with, but not once the stream was reset", () => {
  expect(leftOff().begin()).toMatchObject({ progress: { checkpoint: 3, isContinued: true } });

  const { streams, begin } = leftOff();
  streams.reset("items");
  expect(begin()).toMatchObject({ reset: false, progress: { checkpoint: null, isContinued: false } });
});
