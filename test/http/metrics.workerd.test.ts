import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { project, type JobRecord } from "#records/projection";
import { aJob } from "#test/support/builders";
import { httpClient, NOW } from "#test/support/http-client";
import { newConnection, newTenant } from "#test/support/tenant";

function ended(organizationId: string, seconds: number, overrides: Partial<JobRecord> = {}): JobRecord {
  const { trigger, mode, createdAt, error, errorCategory } = aJob();
  return {
    kind: "job",
    id: crypto.randomUUID(),
    version: 3,
    organizationId,
    connectionId: crypto.randomUUID(),
    status: "COMPLETED",
    trigger,
    mode,
    createdAt,
    startedAt: createdAt,
    completedAt: createdAt + seconds * 1000,
    counts: { inserted: 10, updated: 1, deleted: 2, kept: 3, failed: 4 },
    error,
    errorCategory,
    wakeAt: null,
    ...overrides,
  };
}

function inserted(text: string): number {
  return Number(/change="inserted"\} (\d+)/.exec(text)?.[1]);
}

async function setUp() {
  const client = httpClient();
  const tenant = await newTenant(client);
  const scrape = async (key = tenant.key) => {
    const answer = await client.call("GET", "/metrics", { key });
    expect(answer.status).toBe(200);
    return answer;
  };
  return { client, ...tenant, scrape };
}

test("jobs are counted once, however often D1 is told of their end", async () => {
  const { id, scrape } = await setUp();
  const quick = ended(id, 0.5);
  const slow = ended(id, 45, { status: "FAILED", trigger: "schedule" });
  await project(env.DB, [{ ...quick, status: "RUNNING", completedAt: null, wakeAt: NOW, version: 2 }]);
  await project(env.DB, [quick, slow]);
  await project(env.DB, [{ ...quick, version: 4 }, slow]);
  await project(env.DB, [ended(id, 1_000_000, { startedAt: null, completedAt: quick.createdAt + 5 })]);
  const { text, headers } = await scrape();
  expect(headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const completed = 'status="COMPLETED",trigger="manual"';
  expect(text.split("\n")).toEqual(
    expect.arrayContaining([
      "# TYPE sluice_job_duration_seconds histogram",
      `sluice_job_duration_seconds_bucket{${completed},le="1"} 2`,
      `sluice_job_duration_seconds_bucket{${completed},le="+Inf"} 2`,
      `sluice_job_duration_seconds_sum{${completed}} 0.5`,
      'sluice_job_duration_seconds_bucket{status="FAILED",trigger="schedule",le="10"} 0',
      'sluice_job_duration_seconds_bucket{status="FAILED",trigger="schedule",le="60"} 1',
      'sluice_job_entities_total{change="inserted"} 30',
      'sluice_job_entities_total{change="failed"} 12',
      "sluice_outbox_lag_seconds_count 3",
    ]),
  );
});

test("a job that takes longer than every class is in none but the last", async () => {
  const { id, scrape } = await setUp();
  await project(env.DB, [ended(id, 80_000)]);
  const { text } = await scrape();
  expect(text).toContain('le="14400"} 0\n');
  expect(text).toContain('le="+Inf"} 1\n');
});

test("active jobs, overdue ones, connections and entities are what they are now", async () => {
  const { client, id, key, scrape } = await setUp();
  await newConnection(client, key);
  const active = { completedAt: null, status: "RUNNING" } as const;
  await project(env.DB, [
    ended(id, 0, { ...active, wakeAt: NOW + 1 }),
    ended(id, 0, { ...active, wakeAt: NOW - 61_000 }),
  ]);
  const { text } = await scrape();
  expect(text).toContain('sluice_jobs_active{status="RUNNING",trigger="manual"} 2\n');
  expect(text).toContain("sluice_jobs_overdue 1\n");
  expect(text).toContain('sluice_connections{status="active"} 1\n');
  expect(text).toContain("sluice_entities 0\n");
});

test("an organization sees itself only, the root key all", async () => {
  const { client, id, scrape } = await setUp();
  const other = await newTenant(client);
  await project(env.DB, [ended(id, 1), ended(other.id, 1)]);
  const before = (await scrape()).text;
  await newConnection(client, other.key);
  await project(env.DB, [ended(other.id, 0, { completedAt: null, status: "RUNNING", wakeAt: NOW - 61_000 })]);
  client.events.fault = new Error("The deliveries are away.");
  await client.call("POST", "/v1/collections", { key: other.key, json: { name: "Waiting to be told" } });
  client.events.fault = null;
  expect((await scrape()).text).toBe(before);
  expect((await scrape(other.key)).text).toContain("sluice_collection_events_waiting 1\n");
  expect(inserted((await scrape()).text)).toBe(10);
  expect((await scrape()).text).not.toContain(other.id);
  const all = (await client.call("GET", "/metrics")).text;
  expect(inserted(all)).toBeGreaterThanOrEqual(20);
  expect(all).toContain(`sluice_event_deliveries_queued{organization_id="${other.id}"} 0`);
});

test("every line is a comment or a sample, and each family is there once", async () => {
  const { id, scrape } = await setUp();
  await project(env.DB, [ended(id, 3)]);
  const lines = (await scrape()).text.trimEnd().split("\n");
  const sample = /^[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? (\d+(\.\d+)?)$/;
  for (const line of lines) expect(line.startsWith("# ") || sample.test(line)).toBe(true);
  const types = lines.filter((line) => line.startsWith("# TYPE"));
  expect(new Set(types).size).toBe(types.length);
});

test("needs no /v1, and a key", async () => {
  const { client } = await setUp();
  expect((await client.call("GET", "/metrics", { key: null })).status).toBe(401);
});
