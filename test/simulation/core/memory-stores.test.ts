import * as fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";

import { openStores, type Stores } from "#connection/stores";
import { migrate } from "#connection/schema";
import type { SluiceEvent } from "#core/event";
import type { SyncRecord } from "#records/projection";
import { Sql } from "#storage/sql";
import { SimulatedDatabase } from "#test/simulation/platform/database";
import { Life } from "#test/simulation/platform/life";
import { MemorySqlite } from "#test/simulation/platform/memory-sqlite";
import { Disk, ObjectStorage } from "#test/simulation/platform/object-storage";
import { TABLES } from "#test/simulation/setting";
import { aJob, aStream, AT } from "#test/support/builders";
import { MemoryDisk } from "./memory-disk.ts";
import { memoryStores } from "./memory-stores.ts";

/** One call of a store: what it answers must not depend on what the store is made of. */
interface Call {
  readonly name: string;
  readonly of: (stores: Stores) => unknown;
}

const call = (name: string, of: Call["of"]): Call => ({ name, of });

const jobId = fc.constantFrom("0195-1", "0195-2", "0195-3", "0195-4");
const key = fc.constantFrom("a", "b");
const number = fc.nat(3);
const ids = fc.uniqueArray(fc.constantFrom("a", "b", "c", "ß", "🚰"), { maxLength: 4 });

const jobCalls = fc.oneof(
  fc.tuple(jobId, number).map(([id, version]) => call("write a job", ({ jobs }) => jobs.write(aJob({ id, version })))),
  jobId.map((id) => call("read a job", ({ jobs }) => jobs.read(id))),
  fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.option(jobId))
    .map(([limit, before]) => call("list jobs", ({ jobs }) => jobs.list(limit, before))),
  fc.constant(call("the newest job", ({ jobs }) => [jobs.newest(), jobs.active()])),
  fc.tuple(key, jobId).map(([name, id]) => call("remember a key", ({ jobs }) => jobs.rememberKey(name, id, AT))),
  fc
    .tuple(key, fc.constantFrom(0, 86_399_999, 86_400_000))
    .map(([name, later]) => call("the job of a key", ({ jobs }) => jobs.byIdempotencyKey(name, AT + later))),
  fc
    .boolean()
    .map((forceFullSync) =>
      call("queue a follow-up", ({ jobs }) =>
        jobs.queueFollowUp({ trigger: "manual", forceFullSync, confirmDeletes: false }),
      ),
    ),
  fc.constant(call("the follow-up", ({ jobs }) => jobs.followUp())),
);

const streamCalls = fc.oneof(
  fc
    .tuple(key, number)
    .map(([name, count]) => call("write a stream", ({ streams }) => streams.write({ ...aStream(), name, count }))),
  key.map((name) => call("read a stream", ({ streams }) => streams.read(name))),
  key.map((name) => call("reset a stream", ({ streams }) => streams.reset(name))),
  fc.constant(call("all streams", ({ streams }) => [streams.all(), streams.summaries()])),
);

const entityCalls = fc.oneof(
  fc.record({ stream: number, ids, deletes: ids, text: fc.json() }).map(({ stream, ids: some, deletes, text }) =>
    call("write entities", ({ entities, sql }) =>
      sql.transaction(() => {
        const stored = entities.find(stream, some);
        const rows = some.map((id, index) => ({ id, number: index, text, isNew: !stored.has(id) }));
        // The numbers of new ones follow each other.
        const isInOrder = rows.every(({ isNew }) => isNew) || rows.every(({ isNew }) => !isNew);
        if (isInOrder) entities.write({ stream, jobId: "job", at: AT, deletes }, rows);
      }),
    ),
  ),
  fc.tuple(number, ids).map(([stream, some]) => call("find", ({ entities }) => entities.find(stream, some))),
  fc
    .tuple(number, fc.option(fc.constantFrom("a", "b", "ß")), fc.integer({ min: 1, max: 3 }))
    .map(([stream, after, limit]) => call("scan", ({ entities }) => entities.scan(stream, after, limit))),
  fc
    .tuple(number, number, fc.uint8Array({ minLength: 1, maxLength: 3 }))
    .map(([stream, chunk, bits]) => call("save marks", ({ entities }) => entities.saveMarks(stream, chunk, bits))),
  fc.tuple(number, number).map(([stream, chunk]) => call("marks", ({ entities }) => entities.marks(stream, chunk))),
  number.map((stream) => call("clear marks", ({ entities }) => entities.clearMarks(stream))),
  fc.constant(call("clear all marks", ({ entities }) => entities.clearAllMarks())),
);

const hookCalls = fc.oneof(
  key.map((id) => call("remember a delivery", ({ hooks }) => hooks.remember(id, AT))),
  fc
    .tuple(key, fc.constantFrom(0, 86_399_999, 86_400_000))
    .map(([id, later]) => call("is a delivery known", ({ hooks }) => hooks.knows(id, AT + later))),
  fc.constant(call("remove the address", ({ hooks }) => hooks.remove())),
  number.map((at) =>
    call("let a run wait", ({ hooks }) => hooks.saveWaiting({ firstAt: at, lastAt: at, toldDueAt: null })),
  ),
  fc.constant(call("what waits", ({ hooks }) => hooks.waiting())),
);

function aRecord(id: string, version: number): SyncRecord {
  return { kind: "job", organizationId: "organization", ...aJob({ id, version }) };
}

function anEvent(id: string): SluiceEvent {
  return { id, type: "sync.pending", at: AT, orderKey: "job", payload: {} };
}

const around = { now: () => AT, random: () => 0.5 };

const outboxCalls = fc.oneof(
  fc.tuple(jobId, number).map(([id, version]) => call("tell D1", ({ outbox }) => outbox.add(aRecord(id, version)))),
  fc.constant(call("is D1 told", ({ outbox }) => [outbox.isEmpty(), outbox.dueAt(AT)])),
  fc.constant(
    call("deliver to D1", async ({ outbox }) => {
      const isTold = await outbox.deliver(around.now, around.random);
      outbox.tidy();
      return isTold;
    }),
  ),
  fc.constant(call("forget what was to be told", ({ outbox }) => outbox.clear())),
  fc.uuid({ version: 7 }).map((id) => call("tell an event", ({ events }) => events.add(anEvent(id)))),
  fc.constant(call("are events told", ({ events }) => events.isEmpty())),
  fc.constant(call("hand over events", ({ events }) => events.deliver("organization", around))),
);

const documentCalls = fc.oneof(
  fc.nat(9).map((total) => call("save runs", ({ jobs }) => jobs.saveRuns({ total, successful: 0, failed: 0 }))),
  fc.constant(call("runs", ({ jobs }) => jobs.runs())),
);

const anyCall = fc.oneof(jobCalls, streamCalls, entityCalls, hookCalls, outboxCalls, documentCalls);
const historiesOf = (some: fc.Arbitrary<Call>, size: fc.SizeForArbitrary) =>
  fc.array(fc.record({ call: some, isUndone: fc.boolean() }), { maxLength: 60, size });

class Undone extends Error {}

/** Does it in a transaction that is undone, if told so. What takes time can't be in one. */
async function answerTo(stores: Stores, { of, name }: Call, isUndone: boolean): Promise<unknown> {
  if (!isUndone || name === "deliver to D1" || name === "hand over events") return of(stores);
  let answer: unknown;
  expect(() =>
    stores.sql.transaction(() => {
      answer = of(stores);
      throw new Undone();
    }),
  ).toThrow(Undone);
  return answer;
}

function real(told: unknown[]): Stores {
  const sql = new Sql(new ObjectStorage(new Disk(), new Life()));
  migrate(sql);
  const sqlite = new MemorySqlite();
  for (const statements of TABLES) sqlite.all(statements);
  const stores: unknown = Reflect.apply(openStores, null, [
    sql,
    {
      db: new SimulatedDatabase(sqlite, async (apply) => apply()),
      publish: async (_to: string, events: unknown) => void told.push(events),
    },
  ]);
  return z.custom<Stores>().parse(stores);
}

test.each([
  ["whatever is asked of them", historiesOf(anyCall, "small"), 150],
  ["whatever is asked about the inbound address", historiesOf(hookCalls, "max"), 20],
])("%s in whatever order, stores in plain memory answer as those over SQLite do", async (_what, histories, numRuns) => {
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      const [toReal, toMemory]: [unknown[], unknown[]] = [[], []];
      const inSqlite = real(toReal);
      const inMemory = memoryStores(new MemoryDisk(), new Life(), {
        project: async () => undefined,
        publish: async (_to, events) => void toMemory.push(events),
      });
      for (const { call: each, isUndone } of history) {
        const wanted = await answerTo(inSqlite, each, isUndone);
        expect({ [each.name]: await answerTo(inMemory, each, isUndone) }).toEqual({ [each.name]: wanted });
      }
      expect(toMemory).toEqual(toReal);
    }),
    { numRuns },
  );
});
