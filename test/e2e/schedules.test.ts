import { afterAll, beforeAll, expect, test } from "vitest";

import { connect, describeConnection, listJobs, untilEnded } from "./connection.ts";
import { startSluice, type Sluice } from "./sluice.ts";
import { until } from "./until.ts";

let sluice: Sluice;

beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(() => sluice.close());

/** A due time is at most a minute away; the rest is for a busy machine. */
const PATIENCE_MS = 75_000;

/** Lets the Worker do what cron makes it do each minute; `wrangler dev` does not by itself. */
async function everyMinute(): Promise<void> {
  const response = await fetch(`${sluice.address}/cdn-cgi/local/scheduled?cron=*+*+*+*+*`);
  expect([response.status, await response.text()]).toEqual([200, expect.stringContaining("ok")]);
}

test("a due time starts one job, also when the Worker was killed before it came", async () => {
  const schedule = { cron: "* * * * *", timezone: "Asia/Kathmandu" };
  const config = { entity_count: 3 };
  const connection = await connect(sluice, { short_name: "incremental_stub", config, schedule });
  const dueAt = Date.parse(connection.schedule?.next_run ?? "");
  expect(dueAt % 60_000).toBe(0);
  expect(dueAt - Date.now()).toBeLessThanOrEqual(60_000);

  await sluice.kill();
  await sluice.start();
  await until("the due time has come", () => Date.now() > dueAt, PATIENCE_MS);
  await Promise.all([everyMinute(), everyMinute(), everyMinute()]);

  const [job, ...others] = await listJobs(sluice, connection.id);
  expect(others).toEqual([]);
  expect(job).toMatchObject({ trigger: "schedule", source_connection_id: connection.id });
  if (job === undefined) throw new Error("No job was started.");
  expect(await untilEnded(sluice, job)).toMatchObject({ status: "COMPLETED", entities_inserted: 4 });
  const after = await describeConnection(sluice, connection.id);
  expect(Date.parse(after.schedule?.next_run ?? "")).toBeGreaterThan(dueAt);
});
