import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";

import { connect, countsOf, readJob, run, untilJob } from "./connection.ts";
import { startSluice, type Sluice } from "./sluice.ts";
import { until } from "./until.ts";

const ENTITIES = 60;

/** The watchdog takes an alarm for lost that is two minutes late. */
const LATE_MS = 180_000;

/** Where the Worker's state has its alarms, and D1. */
const OBJECTS = "do/sluice-SourceConnection";
const D1 = "d1/miniflare-D1DatabaseObject";

let sluice: Sluice;

beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(() => sluice?.close());

test("a job whose alarm was lost lies still until the watchdog comes by, and then goes on where it was", async () => {
  const { id } = await connect(sluice, {
    short_name: "timed",
    config: { entity_count: ENTITIES, duration_seconds: 6 },
    credentials: { timed_key: "any" },
  });
  const job = await run(sluice, id);
  await untilJob(sluice, job, "is at work", ({ entities_inserted: count }) => count > 5);
  await sluice.kill();
  expect(alarmsSet()).toBe(1);
  stored(OBJECTS, (objects) => objects.exec("DELETE FROM _cf_ALARM"));
  const late = `UPDATE sync_jobs SET wake_at = wake_at - ${LATE_MS} WHERE completed_at IS NULL`;
  stored(D1, (d1) => d1.exec(late));
  await sluice.start();

  expect(alarmsSet()).toBe(0);
  const before = sluice.log.length;
  await fetch(`${sluice.address}/cdn-cgi/local/scheduled?cron=*+*+*+*+*`).then((answer) => answer.text());
  // Asked for anything, the object would look after its alarm itself.
  const told = (what: string) => sluice.log.slice(before).find((line) => line.includes(`"event":"${what}"`));
  await until("the job has ended", () => told("job_ended"));
  expect(told("watchdog_ran")).toContain('"poked":1,"failed":0');
  const ended = await readJob(sluice, id, job.id);
  expect(ended).toMatchObject({ status: "COMPLETED", error: null });
  expect(countsOf(ended).inserted).toBe(ENTITIES + 1);
});

function alarmsSet(): unknown {
  return stored(OBJECTS, (objects) => objects.prepare("SELECT count(*) AS count FROM _cf_ALARM").get()?.["count"]);
}

/** Opens a database of the Worker's state: of the two kinds there are, the one that lists objects, or D1's own. */
function stored<T>(folder: string, use: (database: DatabaseSync) => T): T {
  const directory = join(sluice.stateDirectory, "v3", folder);
  const isListing = folder === OBJECTS;
  const file = readdirSync(directory).find(
    (name) => name.endsWith(".sqlite") && (name === "metadata.sqlite") === isListing,
  );
  const database = new DatabaseSync(join(directory, file ?? ""));
  try {
    return use(database);
  } finally {
    database.close();
  }
}
