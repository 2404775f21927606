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
import { contentsOf, type StoredTable } from "./stored-tables.ts";
import { upstreamAnswer } from "./fuzz-upstream.ts";

/** Nothing listens there; the tests that use it answer for it. */
const RECEIVER = "http://127.0.0.1:9/";

const BINDINGS = { ...env, RATE_LIMIT_REQUESTS: "100000000" };

const app = createApp({
  gate: (bindings, id) => openGate(bindings.SOURCE_CONNECTION, id, () => crypto.randomUUID()),
  events: (bindings, organizationId) => openEvents(bindings.EVENT_DELIVERY, organizationId),
  newId: () => crypto.randomUUID(),
  now: () => Date.now(),
});

/** Nothing goes out: every receiver and every source answers what it would over HTTP. */
export function answerInside(): void {
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const { status, body } = upstreamAnswer(new Request(input, init).url);
    return new Response(typeof body === "string" ? body : new Uint8Array(body), {
      status,
      headers: { "content-type": "application/json" },
    });
  });
}

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
export async function workerdWorld(): Promise<FuzzWorld> {
  const owner = await newOrganization();
  const stranger = await newOrganization();
  // Where the root key is used, it is the default organization that may change.
  const organizations = [owner.id, stranger.id, DEFAULT_ORGANIZATION_ID];
  const names = new Map<string, string[]>([["organization", [owner.id, stranger.id]]]);
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
      const tables = [await databaseOf(organizations), ...(await Promise.all(objects.map(tablesOf)))].flat();
      // Alarms go off when they are told to.
      return { ...contentsOf(tables), restlessFrom: Number.POSITIVE_INFINITY };
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
async function databaseOf(organizations: readonly string[]): Promise<StoredTable[]> {
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
  return tables.map(({ name }, at) => ({
    name,
    rows: (found[at]?.results ?? []).map((row) => JSON.stringify(row)).toSorted(),
  }));
}

/** With the alarm, which is a row that the object has no statement for. */
function tablesOf(stub: Stub): Promise<StoredTable[]> {
  return runInDurableObject(stub, async (_object: DurableObject, { storage }) => {
    const sql = new Sql(storage);
    const names = sql.all(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY name",
    );
    const tables = names
      .map((row) => textOf(row, "name"))
      .map((name) => ({
        name,
        rows: sql
          .all(`SELECT * FROM "${name}"`)
          .map((row) => JSON.stringify(row))
          .toSorted(),
      }));
    return [{ name: "alarm", rows: [String(await storage.getAlarm())] }, ...tables];
  });
}

function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === "string" ? new TextEncoder().encode(body) : body;
}
