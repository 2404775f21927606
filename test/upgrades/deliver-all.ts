import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, vi } from "vitest";

/** Lets time pass until the organization's deliveries have nothing left to deliver. */
export async function deliverAll(events: DurableObjectStub): Promise<void> {
  const queued = () =>
    runInDurableObject(events, (_object: unknown, { storage }) => storage.sql.exec("SELECT * FROM queue").toArray());
  await expect
    .poll(
      async () => {
        const at = await runInDurableObject(events, (_object: unknown, { storage }) => storage.getAlarm());
        if (at !== null && (await queued()).length > 0) {
          vi.setSystemTime(Math.max(Date.now(), at));
          await runDurableObjectAlarm(events);
        }
        return (await queued()).length;
      },
      { timeout: 60_000 },
    )
    .toBe(0);
}
