import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";

import { DEFAULT_ORGANIZATION_ID } from "#auth/actor";
import { openGate } from "#connection/gate";
import { openEvents } from "#events/gate";
import { createApp } from "#http/app";
import { Sql, textOf } from "#storage/sql";
import { ROOT_KEY } from "#test/support/http-client";
import type { FuzzAnswer } from "./answer-check.ts";
import type { FuzzWorld, SentRequest } from "./fuzz-history.ts";
import { seedOrganization } from "./seeded-names.ts";

/** Nothing listens there; the tests that use it answer for it. */
const RECEIVER = "http://127.0.0.1:9/";

const BINDINGS = { ...env, RATE_LIMIT_REQUESTS: "100000000" };

const app = createApp({
  gate: (bindings, id) => openGate(bindings.SOURCE_CONNECTION, id, () => crypto.randomUUID()),
  events: (bindings, organizationId) => openEvents(bindings.EVENT_DELIVERY, organizationId),
  newId: () => crypto.randomUUID(),
  now: () => Date.now(),
});

/** The real app over real objects and D1, in one isolate with the test; nothing goes out. */
export async function send({ method, address, headers, body }: SentRequest): Promise<FuzzAnswer> {
  const request = new Request(`http://sluice.test${address}`, {
    method,
    headers: { "cf-connecting-ip": crypto.randomUUID(), ...headers },
    ...(body === null ? {} : { body: new Uint8Array(bytesOf(body)) }),
  });
  const response = await app.fetch(request, BINDINGS);
  return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
}

/** The tables of the owner's organization and of a stranger's, each with one of everything. */
export async function workerdWorld(): Promise<FuzzWorld & { readonly strangerKey: string }> {
  const owner = await newOrganization();
  const stranger = await newOrganization();
  // Where the root key is used, it is the default organization that may change.
  const organizations = [owner.id, stranger.id, DEFAULT_ORGANIZATION_ID];
  const names = new Map<string, string[]>([["cursor", []]]);
  const settle = async () => {
    for (const stub of await objectsOf(organizations)) await settled(stub);
  };
  for (const { key } of [owner, stranger]) {
    for (const [kind, name] of await seedOrganization({ send, key, receiver: RECEIVER, settle }))
      names.set(kind, [...(names.get(kind) ?? []), name]);
  }
  const world = {
    strangerKey: stranger.key,
    receiver: RECEIVER,
    names,
    keys: { owner: owner.key, root: ROOT_KEY, nobody: null, wrong: "slc_of_nobody_at_all" },
    send,
    settle,
    state: async () => {
      const objects = await objectsOf(organizations);
      const stored = [await databaseOf(organizations), await Promise.all(objects.map(tablesOf))];
      // Alarms go off when they are told to.
      return { text: JSON.stringify(stored, null, 1), restlessFrom: Number.POSITIVE_INFINITY };
    },
  };
  await world.settle();
  return world;
}

async function newOrganization(): Promise<{ readonly id: string; readonly key: string }> {
  const { id = "" } = await post("/v1/organizations", { name: "Fuzzed" });
  const { key = "" } = await post("/v1/api-keys", { name: "Fuzzed", organization_id: id });
  return { id, key };
}

async function post(address: string, json: object): Promise<Record<string, string>> {
  const headers = { authorization: `Bearer ${ROOT_KEY}`, "content-type": "application/json" };
  return JSON.parse((await send({ method: "POST", address, headers, body: JSON.stringify(json) })).text);
}

type Stub = ReturnType<typeof env.SOURCE_CONNECTION.getByName> | ReturnType<typeof env.EVENT_DELIVERY.getByName>;

async function objectsOf(organizations: readonly string[]): Promise<Stub[]> {
  const { results } = await env.DB.prepare(
    "SELECT id FROM source_connections WHERE organization_id IN (?, ?, ?) ORDER BY id",
  )
    .bind(...organizations)
    .all<{ id: string }>();
  return [
    ...results.map(({ id }) => env.SOURCE_CONNECTION.getByName(id)),
    ...organizations.map((id) => env.EVENT_DELIVERY.getByName(id)),
  ];
}

/** Lets alarms go off until nothing is due within the minute. */
async function settled(stub: Stub): Promise<void> {
  const alarmAt = () => runInDurableObject(stub, (_object: DurableObject, { storage }) => storage.getAlarm());
  for (let at = await alarmAt(); at !== null && at < Date.now() + 60_000; at = await alarmAt()) {
    vi.setSystemTime(Math.max(Date.now(), at));
    await runDurableObjectAlarm(stub);
  }
}

/** Every table that there is: what is added later, too. */
async function databaseOf(organizations: readonly string[]): Promise<unknown> {
  const { results: tables } = await env.DB.prepare(
    `SELECT name, EXISTS (SELECT 1 FROM pragma_table_info(sqlite_master.name) WHERE name = 'organization_id') AS is_owned
     FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%\\_cf\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%' ORDER BY name`,
  ).all<{ name: string; is_owned: number }>();
  const found = await env.DB.batch(
    tables.map(({ name, is_owned }) =>
      is_owned === 1
        ? env.DB.prepare(`SELECT * FROM "${name}" WHERE organization_id IN (?, ?, ?)`).bind(...organizations)
        : env.DB.prepare(`SELECT * FROM "${name}"`),
    ),
  );
  return found.map(({ results }, at) => [tables[at]?.name, results.map((row) => JSON.stringify(row)).toSorted()]);
}

function tablesOf(stub: Stub): Promise<unknown> {
  return runInDurableObject(stub, (_object: DurableObject, { storage }) => {
    const sql = new Sql(storage);
    const tables = sql.all(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY name",
    );
    return tables.map((table) => [
      table["name"],
      sql
        .all(`SELECT * FROM "${textOf(table, "name")}"`)
        .map((row) => JSON.stringify(row))
        .toSorted(),
    ]);
  });
}

function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === "string" ? new TextEncoder().encode(body) : body;
}
