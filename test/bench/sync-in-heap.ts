import { DatabaseSync, type StatementSync } from "node:sqlite";

import { SampleDatabase } from "#cli/sample-database";
import { EntityStore } from "#connection/entity-store";
import { MIGRATIONS } from "#connection/schema";
import { DEFAULT_DELETE_GUARD } from "#core/delete-guard";
import { startOfRead } from "#core/read-start";
import type { ActiveStream } from "#core/stream-state";
import { couchdb } from "#sources/couchdb/source";
import { createSourceHttp } from "#sources/http-client";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";
import { Sql, type SqlCursor, type SqlRow, type SqlValue } from "#storage/sql";
import { runSlice } from "#sync/run-slice";
import { paddedOrders } from "./padded-orders.ts";

/**
 * Run as a process of its own, with `--max-old-space-size`: a full sync of three streams of two pages just under what
 * is read at once by default, and the same unchanged. Ends with 0 if the heap was enough.
 */
const ENTITY_BYTES = 20_000;
const PAGE_SIZE = 380;
const PAGES = 2;
const NAMES = ["a", "b", "c"];
const MAX_RESPONSE_BYTES = 8_000_000;

const [, , file = ":memory:"] = process.argv;
const store = openStore(file);
const entities = new EntityStore(store);
const http = createSourceHttp({
  fetch: pagesOf(NAMES.map((name) => new SampleDatabase(name, paddedOrders(ENTITY_BYTES), PAGES * PAGE_SIZE))),
  signal: new AbortController().signal,
  now: Date.now,
  allowPrivate: true,
  secrets: [],
  maxResponseBytes: MAX_RESPONSE_BYTES,
  requestTimeoutMs: 30_000,
});
const source = couchdb.open({
  config: { url: "http://sample", databases: NAMES, page_size: PAGE_SIZE },
  credentials: { anonymous: true },
  http,
  keepsakes: new MemoryKeepsakes(),
  now: Date.now,
});
const first = await syncAll("first", []);
const again = await syncAll("again", first);
const kept = again.reduce((total, { progress }) => total + progress.counts.kept, 0);
if (kept !== NAMES.length * PAGES * PAGE_SIZE) throw new Error(`${kept} entities were found unchanged.`);

async function syncAll(jobId: string, before: readonly ActiveStream[]): Promise<readonly ActiveStream[]> {
  entities.clearAllMarks();
  const start = { jobId, forcedFull: true, isScheduled: false, terms: "" };
  const streams = new Map<string, ActiveStream>();
  for (const [number, stream] of (await source.streams()).entries()) {
    const { name } = stream;
    const known = { name, number, count: 0, nextEntityNumber: 0, cursor: null, lastChangedAt: null, reset: false };
    const state = before.find((each) => each.name === name) ?? { ...known, progress: null };
    streams.set(name, { ...state, progress: startOfRead(state, stream, start) });
  }
  const outcome = await runSlice({
    source,
    budget: { ms: 1, requests: 1_000, bytes: 1_000_000_000 },
    concurrency: NAMES.length,
    prefetches: true,
    guard: DEFAULT_DELETE_GUARD,
    deletesConfirmed: false,
    deadlineAt: Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
    now: Date.now,
    random: Math.random,
    usage: () => ({ ms: 0, ...http.usage() }),
    state: {
      streams: () => [...streams.values()],
      planning: () => ({ attempts: 0, retryAt: null, reason: null }),
      plan: () => true,
      postponePlanning: () => true,
      commit: (name, change) =>
        store.transaction(() => {
          const stream = streams.get(name);
          if (stream === undefined) return null;
          const changed = change(stream, entities);
          streams.set(name, changed);
          return changed;
        }),
    },
  });
  if (outcome.type !== "finished" || outcome.failures.length > 0) throw new Error(JSON.stringify(outcome));
  return [...streams.values()];
}

/** Answers as the sample does, in buffers of its own, which are no part of the heap. */
function pagesOf(databases: readonly SampleDatabase[]) {
  const answers = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const database of databases) {
    for (let page = 0; page < PAGES; page += 1) {
      const since = page === 0 ? "0" : `${page * PAGE_SIZE}-${database.name}`;
      answers.set(`/${database.name}/_changes ${since}`, new Uint8Array(database.changes(since, PAGE_SIZE) ?? []));
    }
  }
  return async (address: string): Promise<Response> => {
    const { pathname, searchParams } = new URL(address);
    const answer = answers.get(`${pathname} ${searchParams.get("since") ?? ""}`);
    if (answer === undefined) return Response.json({ db_name: pathname.slice(1) });
    return new Response(answer.slice(), { headers: { "content-length": String(answer.length) } });
  };
}

function openStore(path: string): Sql {
  const database = new DatabaseSync(path);
  for (const migration of MIGRATIONS) database.exec(migration);
  const statements = new Map<string, StatementSync>();
  const exec = (text: string, ...bindings: SqlValue[]): SqlCursor => {
    const statement = statements.get(text) ?? database.prepare(text);
    statements.set(text, statement);
    const rows: SqlRow[] = statement
      .all(...bindings.map((value) => (value instanceof ArrayBuffer ? new Uint8Array(value) : value)))
      .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])));
    const raw = () => rows.map((row) => Object.values(row));
    return Object.assign(rows.values(), { toArray: () => rows, raw, rowsRead: 0, rowsWritten: 0 });
  };
  const transactionSync = <T>(work: () => T): T => {
    database.exec("BEGIN");
    const result = work();
    database.exec("COMMIT");
    return result;
  };
  return new Sql({ sql: { exec }, transactionSync });
}

function plain(value: unknown): SqlValue {
  if (value instanceof Uint8Array) return value.slice().buffer;
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  throw new TypeError(`SQLite gave a ${typeof value}.`);
}
