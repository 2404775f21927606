import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { ENTRY_LIMIT, JobLog, LOGGED_JOBS } from "#connection/job-log";
import { migrate } from "#connection/schema";
import type { LogEntry } from "#core/log-entry";
import type { Sql } from "#storage/sql";
import { CouchUpstream } from "#test/support/couch-upstream";
import { ORGANIZATION, stopClock, TestConnection, valueOf, withSql } from "#test/support/connection";

const JOB = "0195a0f0-0000-7000-8000-000000000001";

function entry(message: string, type: LogEntry["type"] = "retrying"): LogEntry {
  return { at: 1, type, stream: null, message, until: null };
}

function numbered(from: number, to: number): LogEntry[] {
  return Array.from({ length: to - from }, (_, index) => entry(String(from + index)));
}

function withLog<T>(use: (log: JobLog, sql: Sql) => T): Promise<T> {
  return withSql((sql) => {
    migrate(sql);
    return use(new JobLog(sql), sql);
  });
}

async function logOf(connection: TestConnection, jobId: string) {
  return valueOf(await connection.stub.jobLog(ORGANIZATION, jobId, { cursor: null, limit: 1_000 }));
}

async function typesOf(connection: TestConnection, jobId: string) {
  return (await logOf(connection, jobId)).entries.map(({ type }) => type);
}

describe("a job's log", () => {
  test("is read by page, to its end and from there on", async () => {
    await withLog((log) => {
      for (let at = 0; at < 130; at += 13) log.append(JOB, numbered(at, at + 13));
      const read: string[] = [];
      for (let after = 0, more = true; more;) {
        const page = log.read(JOB, after, 17);
        read.push(...page.entries.map(({ message }) => message));
        [after, more] = [page.next, page.hasMore];
      }
      expect(read).toEqual(numbered(0, 130).map(({ message }) => message));
      expect(log.read(JOB, 130, 17)).toEqual({ entries: [], next: 130, hasMore: false, dropped: 0 });
      log.append(JOB, [entry("later")]);
      expect(log.read(JOB, 130, 17).entries).toMatchObject([{ message: "later" }]);
    });
  });

  test("that is asked for beyond its end begins again there", async () => {
    await withLog((log) => {
      log.append(JOB, numbered(0, 3));
      expect(log.read(JOB, 1_000_000, 10)).toMatchObject({ entries: [], next: 3 });
    });
  });

  test("ends at its limit, counts what comes after it, and still tells how the job ended", async () => {
    await withLog((log) => {
      for (let at = 0; at < 700; at += 7) log.append(JOB, numbered(at, at + 7));
      log.append(JOB, [entry("the end", "failed")]);
      expect(log.length(JOB)).toBe(ENTRY_LIMIT + 1);
      const page = log.read(JOB, ENTRY_LIMIT - 1, 10);
      expect(page.entries.map(({ message }) => message)).toEqual([String(ENTRY_LIMIT - 1), "the end"]);
      expect(page.dropped).toBe(700 - ENTRY_LIMIT);
    });
  });

  test("costs one row for each call that has something to tell", async () => {
    await withLog((log, sql) => {
      log.append(JOB, numbered(0, 10));
      const before = sql.usage().rowsWritten;
      log.append(JOB, []);
      log.append(JOB, numbered(10, 13));
      expect(sql.usage().rowsWritten - before).toBe(1);
    });
  });

  test("has nothing in it that looks like a secret, and no message without an end", async () => {
    await withLog((log) => {
      log.append(JOB, [
        entry("GET https://user:pa55word@db.example.com/x?api_key=s3cr3t failed"),
        entry("x".repeat(9_999)),
      ]);
      const [first, second] = log.read(JOB, 0, 10).entries;
      expect(first?.message).toBe("GET https://[redacted]@db.example.com/x?api_key=[redacted] failed");
      expect(second?.message.length).toBeLessThan(2_010);
    });
  });
});

describe("in a connection", () => {
  beforeEach(stopClock);
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  test("tells a sync's story: the source's pause, a death, what was refused, the end", async () => {
    const upstream = new CouchUpstream().install().fill(35);
    upstream.put("big", { text: "x".repeat(2_100_000) });
    upstream.interfere = ({ number }) =>
      number === 4 ? new Response("", { status: 429, headers: { "retry-after": "3600" } }) : undefined;
    const connection = await TestConnection.create();
    const job = valueOf(await connection.run());
    await connection.nextAlarm();
    await connection.dieInAlarm(() => upstream.calls >= 6);
    expect(await connection.finish(job)).toMatchObject({ status: "COMPLETED", counts: { inserted: 35, failed: 1 } });

    const { entries, isKept } = await logOf(connection, job.id);
    expect(isKept).toBe(true);
    expect(entries.map(({ type }) => type)).toEqual([
      "started",
      "planned",
      "rate_limited",
      "resumed",
      "resumed",
      "entity_refused",
      "stream_finished",
      "completed",
    ]);
    const [, , limited, resumed] = entries;
    expect(limited?.until).toBe((limited?.at ?? 0) + 3_600_000);
    expect(resumed?.at).toBeGreaterThanOrEqual(limited?.until ?? Infinity);
    expect(entries.at(-1)?.message).toBe("Completed: 35 inserted, 1 refused.");
  });

  test("says why deletes were held back", async () => {
    new CouchUpstream().install().fill(200);
    const connection = await TestConnection.create({ config: { url: CouchUpstream.url, databases: ["db"] } });
    await connection.sync();
    new CouchUpstream().install().fill(20);
    const { id } = await connection.sync({ forceFullSync: true });
    expect(await typesOf(connection, id)).toEqual(["started", "planned", "stream_read", "deletes_held_back", "failed"]);
    const confirmed = await connection.sync({ forceFullSync: true, confirmDeletes: true });
    expect(await typesOf(connection, confirmed.id)).toEqual([
      "started",
      "planned",
      "stream_read",
      "stream_finished",
      "completed",
    ]);
  });

  test("a job that was cancelled before it began has said so", async () => {
    new CouchUpstream().install();
    const connection = await TestConnection.create();
    const { id } = valueOf(await connection.run());
    await connection.stub.cancel(ORGANIZATION, id);
    expect(await typesOf(connection, id)).toEqual(["cancelled"]);
  });

  test("is kept of the last jobs only", async () => {
    new CouchUpstream().install();
    const connection = await TestConnection.create();
    const ids: string[] = [];
    for (let number = 0; number < LOGGED_JOBS + 2; number += 1) ids.push((await connection.sync()).id);
    const kept = await Promise.all(ids.map(async (id) => (await logOf(connection, id)).isKept));
    expect(kept).toEqual([false, false, ...Array.from({ length: LOGGED_JOBS }, () => true)]);
    expect(await typesOf(connection, ids[0] ?? "")).toEqual([]);
    const rows = await connection.rows("SELECT DISTINCT job_id FROM job_log ORDER BY job_id");
    expect(rows.map((row) => row["job_id"])).toEqual(ids.slice(2));
  });

  test("belongs to its organization", async () => {
    new CouchUpstream().install();
    const connection = await TestConnection.create();
    const { id } = await connection.sync();
    const page = { cursor: null, limit: 10 };
    expect(await connection.stub.jobLog(crypto.randomUUID(), id, page)).toMatchObject({ ok: false });
    expect(await connection.stub.jobLog(ORGANIZATION, crypto.randomUUID(), page)).toMatchObject({ ok: false });
  });
});
