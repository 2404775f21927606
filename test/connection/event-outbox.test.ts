import { expect, test } from "vitest";

import { tellOfConnection } from "#connection/tell";
import { MemoryDisk } from "#test/simulation/core/memory-disk";
import { memoryStores } from "#test/simulation/core/memory-stores";
import { CountingIds } from "#test/simulation/counting-ids";
import { Life } from "#test/simulation/platform/life";
import { aConnection, AT, HOUR_MS } from "#test/support/builders";

test("an outage of the deliveries that is over is forgotten: the next is tried again as soon as the first was", async () => {
  let isDown = true;
  const stores = memoryStores(new MemoryDisk(), new Life(), {
    project: async () => undefined,
    publish: async () => {
      if (isDown) throw new Error("Network connection lost.");
    },
  });
  stores.connection.write(aConnection());
  let now = AT;
  const ids = new CountingIds({ count: 0, lastAt: 0 });
  const around = { now: () => now, random: () => 0.999, newId: (at: number) => ids.next(at), findSource: () => null };
  /** The pause after something that is told an hour later. */
  const pause = async (): Promise<number> => {
    now += HOUR_MS;
    if (stores.events.isEmpty()) tellOfConnection(stores, around, "source_connection.updated");
    await stores.events.deliver("org", around);
    return (stores.events.dueAt(now) ?? now) - now;
  };

  const first = await pause();
  expect(await pause()).toBeGreaterThan(first);
  isDown = false;
  expect(await pause()).toBe(0);
  isDown = true;
  expect(await pause()).toBe(first);
});
