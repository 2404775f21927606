import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { EVENT_TYPES } from "#core/event";
import { eventAbout } from "#http/collection-events";
import { insertCollection } from "#records/collection-repository";
import { neverAnswered } from "#test/support/couch-upstream";
import { registerManifest } from "#test/support/custom-source";
import { ORGANIZATION, TestConnection, valueOf } from "#test/support/connection";
import { keepFixtureKey, RECEIVER_SECRET } from "./access.ts";
import { CRM_MANIFEST, CRM_SOURCE } from "./crm-manifest.ts";
import { CUSTOM_AT_FIRST, PASS_AT_FIRST } from "./crm-rows.ts";
import { Crm, CRM_HOSTS } from "./crm.ts";
import { syncedCustom } from "./custom-scenario.ts";
import { dumpD1, dumpObject } from "./dump.ts";
import { FIXTURES } from "./fixture.ts";
import { answerFor, Receiver } from "./outside.ts";
import { stoppedInPass } from "./pass-scenario.ts";

/** Ids that say which fixture they are of, by what they name. */
const idOf = (what: "f1" | "f2" | "f3" | "f4" | "f5") =>
  `${what}000000-0000-4000-8000-${String(FIXTURES.length + 1).padStart(12, "0")}`;
const ID = idOf("f1");

const HOUR_MS = 3_600_000;

// An hour before the tests that open fixtures, so that the job in the middle of which it stops is not past its deadline.
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2040, 0, 1) - HOUR_MS }));
afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await env.DB.prepare("ALTER TABLE sync_jobs_away RENAME TO sync_jobs").run();
});

/** What a fixture holds: the storages of this code in the middle of a sync. `npm run fixture` takes it down. */
test("a connection with a past stops in the middle of a job, with something left to tell everybody", async () => {
  const crms = {
    custom: new Crm(CRM_HOSTS.custom, CUSTOM_AT_FIRST),
    pass: new Crm(CRM_HOSTS.pass, PASS_AT_FIRST),
  };
  const { couch: upstream, receiver } = answerFor(Object.values(crms));
  let pagesLeft = Number.POSITIVE_INFINITY;
  upstream.interfere = ({ view }) => {
    if (view === "changes") pagesLeft -= 1;
    return pagesLeft < 0 ? neverAnswered() : undefined;
  };
  for (let index = 0; index < 25; index += 1) upstream.put(`d${index}`, { index });
  const events = env.EVENT_DELIVERY.getByName(ORGANIZATION);
  const filterTypes = EVENT_TYPES.filter((type) => type !== "sync.pending");
  const subscription = { id: idOf("f4"), url: Receiver.url, filterTypes, secret: RECEIVER_SECRET };
  valueOf(await events.subscribe(subscription));
  const connection = await TestConnection.create({
    id: ID,
    name: "Fixture",
    description: "as it was",
    schedule: { cron: "0 3 * * *", timezone: "UTC", full_sync_cron: null, continuous: true, cursor_field: null },
    settings: { job_deadline_seconds: 86_400 },
  });

  await connection.sync();
  const { next: cursor } = await connection.changes();
  upstream.put("d1", { index: 1, changed: true });
  upstream.remove("d2");
  upstream.put("new", { index: 100 });
  await connection.sync();
  await connection.settle();
  receiver.refuses = true;
  valueOf(await connection.stub.cancel(ORGANIZATION, valueOf(await connection.run()).id));
  const verification = { scheme: "github" } as const;
  const settings = { verification, condition: null, debounceSeconds: 10, deliveryIdHeader: null };
  valueOf(
    await connection.stub.createHook(ORGANIZATION, { tokenHash: "ab".repeat(32), settings, secrets: ["shh-shh"] }),
  );
  await connection.settle();

  const manifest = await registerManifest(ORGANIZATION, CRM_SOURCE, CRM_MANIFEST);
  const custom = await syncedCustom(idOf("f2"), crms.custom, manifest);
  const pass = await stoppedInPass(idOf("f3"), crms.pass, manifest);
  expect([crms.custom.spent, crms.pass.spent]).toEqual([["refresh-0"], ["refresh-0"]]);
  await keepFixtureKey(env.DB, idOf("f5"), ORGANIZATION);
  await makeCollectionAndDie();

  const d1 = await dumpD1();
  await env.DB.prepare("ALTER TABLE sync_jobs RENAME TO sync_jobs_away").run();
  for (let index = 0; index < 15; index += 1) upstream.put(`e${index}`, { index: 200 + index });
  pagesLeft = 1;
  const job = valueOf(await connection.run({ idempotencyKey: "fixture-key" }));
  valueOf(await connection.run({ onConflict: "queue" }));
  await expect
    .poll(async () => {
      const at = await connection.alarmAt();
      if (at !== null && pagesLeft >= 0) {
        vi.setSystemTime(Math.max(Date.now(), at));
        void runDurableObjectAlarm(connection.stub).catch(() => false);
      }
      return (await connection.job(job.id)).counts.inserted;
    })
    .toBe(10);

  const storages = {
    connection: await connection.storage(dumpObject),
    custom: await custom.connection.storage(dumpObject),
    pass: await pass.connection.storage(dumpObject),
    events: await runInDurableObject(events, (_object: unknown, { storage }) => dumpObject(storage)),
    d1,
  };
  const facts = {
    migrations: env.TEST_MIGRATIONS.length,
    connection: ID,
    cursor,
    job: job.id,
    custom: custom.connection.id,
    "custom cursor": custom.cursor,
    pass: pass.connection.id,
    "pass cursor": pass.cursor,
    "pass job": pass.jobId,
  };
  console.log(`FIXTURE ${JSON.stringify({ facts, storages })}`);
  await connection.kill();
  expect(storages.connection.length).toBeGreaterThan(50);
});

/** As where the request that makes a collection dies before it has handed over what it tells of it. */
async function makeCollectionAndDie(): Promise<void> {
  const now = Date.now();
  const collection = { id: idOf("f5"), organization_id: ORGANIZATION, readable_id: "fixture", name: "Fixture" };
  await insertCollection(env.DB, { ...collection, created_at: now }, eventAbout("collection.created", collection, now));
}
