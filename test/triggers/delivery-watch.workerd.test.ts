import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";

import { openEvents } from "#events/gate";
import { listOrganizations } from "#records/organization-repository";
import { lookAfterDeliveries } from "#triggers/delivery-watch";
import { AT } from "#test/support/builders";
import { aSyncEvent } from "#test/support/deliveries";

const MINUTE_MS = 60_000;

const events = (organizationId: string) => openEvents(env.EVENT_DELIVERY, organizationId);
const alarmOf = (id: string) =>
  runInDurableObject(env.EVENT_DELIVERY.getByName(id), (_, { storage }) => storage.getAlarm());
const hasTables = (id: string) =>
  runInDurableObject(
    env.EVENT_DELIVERY.getByName(id),
    (_, { storage }) => storage.sql.exec("SELECT 1 FROM sqlite_schema WHERE name = 'messages'").toArray().length > 0,
  );

const added: string[] = [];
afterEach(async () => {
  for (const id of added.splice(0)) await env.DB.prepare("DELETE FROM organizations WHERE id = ?").bind(id).run();
});

async function addOrganization(id = crypto.randomUUID()): Promise<string> {
  added.push(id);
  await env.DB.prepare("INSERT INTO organizations (id, name, created_at) VALUES (?, 'Another', 0)").bind(id).run();
  return id;
}

test("deliveries whose alarm was lost are armed again within a minute, with no event and no caller", async () => {
  const id = await addOrganization();
  await events(id).publish(id, [aSyncEvent()]);
  await runInDurableObject(env.EVENT_DELIVERY.getByName(id), (_, { storage }) => storage.deleteAlarm());
  await lookAfterDeliveries({ db: env.DB, events, now: AT });
  expect(await alarmOf(id)).not.toBeNull();
});

test("an organization in which nothing has happened gets no tables by being looked after", async () => {
  const id = await addOrganization();
  await lookAfterDeliveries({ db: env.DB, events, now: AT });
  expect(await hasTables(id)).toBe(false);
  expect(await alarmOf(id)).toBeNull();
});

test("of many organizations each has its turn, some a minute, and one that fails takes nobody's", async () => {
  for (let n = 0; n < 40; n += 1) await addOrganization();
  const all = (await listOrganizations(env.DB, { skip: 0, limit: 100 })).map(({ id }) => id);
  const called: string[] = [];
  const failing = (organizationId: string) => ({
    ...events(organizationId),
    lookAfter: async () => {
      called.push(organizationId);
      if (called.length === 1) throw new Error("The object is restarting.");
    },
  });
  const look = (minute: number) => lookAfterDeliveries({ db: env.DB, events: failing, now: AT + minute * MINUTE_MS });
  await expect(look(0)).rejects.toThrow("restarting");
  expect(called).toHaveLength(10);
  for (let minute = 1; minute < 60; minute += 1) await look(minute);
  expect(new Set(called)).toEqual(new Set(all));
});
