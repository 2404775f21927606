import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { Reply } from "#core/errors";
import type { SluiceEvent } from "#core/event";
import { v7 as uuidv7 } from "uuid";
import { CouchUpstream } from "#test/support/couch-upstream";
import { ORGANIZATION, stopClock, TestConnection, valueOf } from "#test/support/connection";

/** A listing: its first page ends before its end, and answers with how it goes on. */
interface Listing {
  /** What a cursor is of: the feed's lead to its other end as well. */
  readonly of: string;
  readonly cursor: string;
  readonly read: (cursor: string) => Promise<Reply<unknown>>;
}

beforeEach(() => {
  stopClock();
  const upstream = new CouchUpstream().install();
  for (let index = 0; index < 25; index += 1) upstream.put(`doc-${index}`, { index });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function listing(
  of: string,
  read: (cursor: string | null) => Promise<Reply<{ nextCursor: string | null }>>,
): Promise<Listing> {
  return { of, cursor: valueOf(await read(null)).nextCursor ?? "", read };
}

async function listingsOf(): Promise<Record<string, Listing>> {
  const connection = await TestConnection.create();
  const { id: job } = await connection.sync();
  const { id: otherJob } = await connection.sync({ forceFullSync: true });
  const { stub } = connection;
  const entities = (cursor: string | null) => stub.entities(ORGANIZATION, { stream: null, limit: 2, cursor });
  const changes = (since: string | null) => stub.changes(ORGANIZATION, { since, limit: 2 });
  const newest = (before: string | null) => stub.newestChanges(ORGANIZATION, { before, limit: 2 });
  const jobs = (cursor: string | null) => stub.jobs(ORGANIZATION, { limit: 1, cursor });
  const log = (jobId: string) => (cursor: string | null) => stub.jobLog(ORGANIZATION, jobId, { cursor, limit: 1 });
  return {
    entities: await listing("entities", entities),
    changes: await listing("changes", changes),
    "newest changes": { of: "changes", cursor: valueOf(await newest(null)).olderCursor ?? "", read: newest },
    jobs: await listing("jobs", jobs),
    log: await listing("log", log(job)),
    "another job's log": await listing("another job's log", log(otherJob)),
    messages: await listing("messages", messagesOf(crypto.randomUUID())),
  };
}

/** Of an organization in which two things have happened. */
function messagesOf(organizationId: string) {
  const object = env.EVENT_DELIVERY.getByName(organizationId);
  const events = [1, 2].map((number): SluiceEvent => ({
    id: uuidv7(),
    type: "collection.created",
    at: Date.now() + number,
    orderKey: String(number),
    payload: { event_type: "collection.created" },
  }));
  let published: Promise<unknown> | null = null;
  return async (cursor: string | null) => {
    published ??= object.publish(organizationId, events);
    await published;
    return object.messages({ types: null, limit: 1, cursor });
  };
}

const REFUSED = { ok: false, refusal: { code: "invalid", issues: [{ type: "cursor_unknown" }] } };

describe("a cursor", () => {
  test("is good where it was given out, and nowhere else: not in another list, job, connection or organization", async () => {
    const [here, there] = [await listingsOf(), await listingsOf()];
    for (const [name, { of, read }] of Object.entries(here)) {
      for (const [from, { of: other, cursor }] of Object.entries(here)) {
        expect({ name, from, ...(await read(cursor)) }).toMatchObject({
          name,
          from,
          ...(of === other ? { ok: true } : REFUSED),
        });
      }
      for (const { cursor } of Object.values(there)) expect(await read(cursor)).toMatchObject(REFUSED);
    }
  });

  test("with any byte changed, left out or added is refused", async () => {
    for (const { cursor, read } of Object.values(await listingsOf())) {
      expect(cursor.length).toBeGreaterThan(16);
      for (let at = 0; at < cursor.length; at += 1) {
        const other = cursor[at] === "1" ? "2" : "1";
        expect(await read(cursor.slice(0, at) + other + cursor.slice(at + 1))).toMatchObject(REFUSED);
      }
      for (const forged of ["", ".", cursor.slice(0, -1), cursor.slice(1), `${cursor}A`, `${cursor}.`, "💧", "0"]) {
        expect(await read(forged)).toMatchObject(REFUSED);
      }
    }
  });

  test("of a feed from before cursors were signed stays good, as far as the feed went then", async () => {
    const connection = await TestConnection.create();
    await connection.sync();
    const read = (since: string) => connection.stub.changes(ORGANIZATION, { since, limit: 100 });
    const [feedId] =
      valueOf(await connection.stub.changes(ORGANIZATION, { since: null, limit: 2 })).nextCursor?.split(".") ?? [];
    expect(await read(`${feedId}.2.0`)).toMatchObject(REFUSED);

    await connection.rows("INSERT INTO documents (key, value) VALUES ('unsigned_feed', '2')");
    await connection.kill();
    expect(valueOf(await read(`${feedId}.2.0`)).items).toHaveLength(15);
    expect(await read(`${feedId}.3.0`)).toMatchObject(REFUSED);
  });
});
