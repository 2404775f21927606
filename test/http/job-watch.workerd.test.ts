import { expect, test } from "vitest";

import type { LogEntry } from "#core/log-entry";
import { aJob } from "#test/support/builders";
import { at, httpClient, textAt } from "#test/support/http-client";
import { newConnection, newTenant } from "#test/support/tenant";

const JOB = "770e8400-e29b-41d4-a716-446655440000";
const CREATED_AT = Date.UTC(2026, 2, 15, 9, 30);
const COMPLETED_AT = CREATED_AT + 2_000;

async function setUp(entries: number) {
  const client = httpClient();
  const { key } = await newTenant(client);
  const id = await newConnection(client, key);
  const connection = client.connections.at(id);
  connection.jobsNow.push(
    aJob({
      id: JOB,
      connectionId: id,
      status: "COMPLETED",
      startedAt: CREATED_AT,
      completedAt: COMPLETED_AT,
      version: 7,
    }),
  );
  const told = Array.from({ length: entries }, (_, index): LogEntry => {
    return {
      at: CREATED_AT + index,
      type: "retrying",
      stream: "issues",
      message: `Try ${index + 1}.`,
      until: CREATED_AT + 60_000,
    };
  });
  connection.logNow.push(...told);
  client.connections.calls.length = 0;
  return { ...client, key, base: `/v1/source-connections/${id}/jobs/${JOB}` };
}

test("the log is paged, and its cursor is good for what comes later", async () => {
  const { call, key, base } = await setUp(3);
  const first = await call("GET", `${base}/log?limit=2`, { key });
  expect(first.body).toEqual({
    entries: [1, 2].map((number) => ({
      number,
      at: `2026-03-15T09:30:00.00${number - 1}Z`,
      level: "warning",
      type: "retrying",
      stream: "issues",
      message: `Try ${number}.`,
      until: "2026-03-15T09:31:00.000Z",
    })),
    next_cursor: "2",
    has_more: true,
    entries_dropped: 0,
    is_kept: true,
  });
  const second = await call("GET", `${base}/log?cursor=${textAt(first.body, "next_cursor")}`, { key });
  expect(second.body).toMatchObject({ entries: [{ number: 3 }], next_cursor: "3", has_more: false });
});

test.each(["", "x".repeat(16_385)])("the log refuses cursor=%s", async (cursor) => {
  const { call, key, base } = await setUp(0);
  const answer = await call("GET", `${base}/log?cursor=${cursor}`, { key });
  expect([answer.status, at(answer.body, "detail", 0, "loc")]).toEqual([422, ["query", "cursor"]]);
});

test("the events are a stream that nobody between keeps or holds back", async () => {
  const { call, key, base } = await setUp(2);
  const answer = await call("GET", `${base}/events`, { key });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const [snapshot, end] = ["event: snapshot\nid: 0-2", `event: end\nid: ${COMPLETED_AT}-2`];
  expect(answer.text.replaceAll(/^(retry|data): .*$/gm, "$1")).toBe(`retry\n\n${snapshot}\ndata\n\n${end}\ndata\n\n`);
});

test("a client that has it all is told to stop; one that misses an entry gets it", async () => {
  const { call, key, base } = await setUp(2);
  const done = await call("GET", `${base}/events`, { key, headers: { "last-event-id": `${COMPLETED_AT}-2` } });
  expect([done.status, done.text]).toEqual([204, ""]);
  const behind = await call("GET", `${base}/events`, { key, headers: { "last-event-id": `${COMPLETED_AT}-1` } });
  expect(behind.text.match(/^event: .*$/gm)).toEqual(["event: log"]);
  const unknown = await call("GET", `${base}/events`, { key, headers: { "last-event-id": "anything else" } });
  expect(unknown.text.match(/^event: .*$/gm)).toEqual(["event: snapshot", "event: end"]);
});
