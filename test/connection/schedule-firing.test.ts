import { expect, test } from "vitest";

import { fireSchedule } from "#connection/schedule-firing";
import { refused } from "#core/errors";
import { NO_PLAN, type Schedule } from "#core/schedule";
import { MemoryDisk } from "#test/simulation/core/memory-disk";
import { memoryStores } from "#test/simulation/core/memory-stores";
import { Life } from "#test/simulation/platform/life";
import { aConnection, aJob, AT, HOUR_MS } from "#test/support/builders";

const HOURLY: Schedule = {
  cron: "0 * * * *",
  timezone: "UTC",
  full_sync_cron: null,
  continuous: false,
  cursor_field: null,
};
const startNothing = () => refused({ code: "conflict", message: "Nothing is to start." });
const nowhere = async (): Promise<void> => undefined;

test("a due time that comes again tells D1 of the next one, where a run has ended the pause for refused credentials", () => {
  const stores = memoryStores(new MemoryDisk(), new Life(), { project: nowhere, publish: nowhere });
  stores.connection.write(aConnection({ schedule: HOURLY, plan: { ...NO_PLAN, handledDueAt: AT } }));
  stores.jobs.write(aJob());

  expect(fireSchedule(stores, { now: AT + 1, jitterMs: 0 }, AT, startNothing)).toBe("not_due");
  expect(stores.outbox.take()?.map(({ value }) => value)).toEqual([
    expect.stringContaining(`"nextRunAt":${AT + HOUR_MS / 2}`),
  ]);
});
