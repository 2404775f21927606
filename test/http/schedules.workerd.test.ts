import { beforeEach, describe, expect, test } from "vitest";

import { NO_PLAN } from "#core/schedule";
import { scheduleBody } from "#http/schemas/schedule";
import { at, httpClient, textAt } from "#test/support/http-client";
import { newConnection, newTenant } from "#test/support/tenant";

// The clock of these tests stands at 2026-03-15T09:30Z.

const client = httpClient();
let key = "";

beforeEach(async () => {
  ({ key } = await newTenant(client));
});

/** Connects with this schedule; `undefined` sends none. */
function connect(schedule: unknown, source = "stub") {
  return client.call("POST", "/v1/source-connections", {
    key,
    json: {
      short_name: source,
      authentication: { credentials: { stub_key: "key" } },
      sync_immediately: false,
      schedule,
    },
  });
}

/** Of a continuous source's connection. */
async function fullSyncCronOf(schedule: object): Promise<unknown> {
  return at((await connect(schedule, "incremental_stub")).body, "schedule", "full_sync_cron");
}

describe("a connection gets", () => {
  test("a schedule that suits its source, where none is given", async () => {
    expect(at((await connect(undefined)).body, "schedule")).toMatchObject({
      cron: "30 9 * * *",
      timezone: "UTC",
      full_sync_cron: null,
    });
    expect(at((await connect(undefined, "incremental_stub")).body, "schedule")).toMatchObject({
      cron: "*/5 * * * *",
      full_sync_cron: "30 21 * * *",
      continuous: false,
    });
  });

  test.each([[null], [{ cron: null }], [{ cron: null, timezone: "Asia/Tokyo" }], [{}]])(
    "none with %j",
    async (schedule) => {
      expect(at((await connect(schedule)).body, "schedule")).toBeNull();
    },
  );

  test("what it asks for, as it was written", async () => {
    const schedule = { cron: " @Daily ", timezone: "America/New_York", full_sync_cron: "0 3 * * sun" };
    expect(at((await connect(schedule)).body, "schedule")).toMatchObject({ ...schedule, cron: "@Daily" });
  });

  test("a daily full sync beside minutes or hours of its own, unless it is told not to", async () => {
    expect(await fullSyncCronOf({ cron: "*/10 * * * *" })).toBe("30 21 * * *");
    expect(await fullSyncCronOf({ cron: "*/10 * * * *", full_sync_cron: null })).toBeNull();
    expect(await fullSyncCronOf({ cron: "0 6 * * *" })).toBeNull();
  });

  test("the rhythm of its source with `continuous` alone", async () => {
    const schedule = at((await connect({ continuous: true }, "incremental_stub")).body, "schedule");
    expect(schedule).toMatchObject({ cron: "*/5 * * * *", continuous: true });
  });
});

describe("is refused", () => {
  test.each([
    [{ cron: "every day" }, "cron", "five fields"],
    [{ cron: "0 25 * * *" }, "cron", "hour"],
    [{ cron: "" }, "cron", "CRON"],
    [{ cron: 5 }, "cron", "string"],
    [{ cron: "0 0 31 2 *" }, "cron", "day of month"],
    [{ cron: "0 6 * * *", timezone: "Mars/Base" }, "timezone", "IANA"],
    [{ cron: "0 6 * * *", timezone: "+02:00" }, "timezone", "IANA"],
    [{ cron: "0 6 * * *", full_sync_cron: "0 6 * * XYZ" }, "full_sync_cron", "day of week"],
    [{ timezone: "Asia/Tokyo" }, "cron", "Field required"],
    [{ full_sync_cron: "0 6 * * *" }, "cron", "Field required"],
  ])("%j, by 422 that names the field", async (schedule, field, message) => {
    const answer = await connect(schedule);
    expect([answer.status, at(answer.body, "detail", 0, "loc")]).toEqual([422, ["body", "schedule", field]]);
    expect(textAt(answer.body, "detail", 0, "msg")).toContain(message);
  });

  test.each([
    { cron: "* * * * *" },
    { cron: "*/30 * * * *" },
    { cron: "0,30 * * * *" },
    { cron: "0/10 * * * *" },
    { cron: "5-6 3 * * *" },
    { cron: "0 * * * *", full_sync_cron: "30 * * * *" },
    { continuous: true },
  ])("%j for a source that reads everything in each run, on create and on update", async (schedule) => {
    const detail = "Source 'stub' does not support continuous syncs. Minimum interval is 1 hour.";
    const created = await connect(schedule);
    expect([created.status, created.body]).toEqual([400, { detail }]);
    const id = await newConnection(client, key);
    const updated = await client.call("PATCH", `/v1/source-connections/${id}`, { key, json: { schedule } });
    expect([updated.status, updated.body]).toEqual([400, { detail }]);
    expect((await connect(schedule, "incremental_stub")).status).toBe(200);
  });
});

describe("an update", () => {
  test("replaces the schedule or removes it, and leaves it alone where it says nothing", async () => {
    const id = await newConnection(client, key);
    const patch = async (json: object) =>
      at((await client.call("PATCH", `/v1/source-connections/${id}`, { key, json })).body, "schedule");
    const tokyo = { cron: "0 6 * * *", timezone: "Asia/Tokyo" };
    expect(await patch({ schedule: tokyo })).toMatchObject(tokyo);
    expect(await patch({ name: "Renamed" })).toMatchObject(tokyo);
    expect(await patch({ schedule: { cron: "0 7 * * *" } })).toMatchObject({ cron: "0 7 * * *", timezone: "UTC" });
    expect(await patch({ schedule: null })).toBeNull();
  });
});

test("a connection is paused and resumed by an update, which leaves its schedule as it is", async () => {
  const id = await newConnection(client, key, { short_name: "incremental_stub" });
  const patch = (json: object) => client.call("PATCH", `/v1/source-connections/${id}`, { key, json });
  expect((await patch({ is_paused: true })).body).toMatchObject({
    is_paused: true,
    schedule: { cron: "*/5 * * * *", paused: true, paused_reason: "requested" },
  });
  expect((await patch({ name: "Renamed" })).body).toMatchObject({ is_paused: true });
  expect((await patch({ is_paused: false })).body).toMatchObject({ is_paused: false, schedule: { paused: false } });
  for (const wrong of [null, "true", 1]) {
    const answer = await patch({ is_paused: wrong });
    expect([answer.status, at(answer.body, "detail", 0, "loc")]).toEqual([422, ["body", "is_paused"]]);
  }
});

test("the answer says when the next runs are, what was skipped, and that a schedule is paused", () => {
  const snapshot = {
    schedule: {
      cron: "0 6 * * *",
      timezone: "UTC",
      full_sync_cron: "0 3 * * SUN",
      continuous: false,
      cursor_field: null,
    },
    plan: { ...NO_PLAN, nextRunAt: 0, nextFullAt: 60_000, lastSkippedAt: 1_000, skippedCount: 2 },
    status: "needs_reauth",
    isPaused: false,
  } as const;
  expect(scheduleBody(snapshot)).toEqual({
    cron: "0 6 * * *",
    timezone: "UTC",
    full_sync_cron: "0 3 * * SUN",
    next_run: "1970-01-01T00:00:00.000Z",
    next_full_run: "1970-01-01T00:01:00.000Z",
    paused: true,
    paused_reason: "needs_reauth",
    last_skipped_at: "1970-01-01T00:00:01.000Z",
    skipped_count: 2,
    continuous: false,
    cursor_field: null,
    cursor_value: null,
  });
  expect(scheduleBody({ ...snapshot, isPaused: true })).toMatchObject({ paused: true, paused_reason: "requested" });
  expect(scheduleBody({ ...snapshot, status: "active" })).toMatchObject({ paused: false, paused_reason: null });
  expect(scheduleBody({ ...snapshot, schedule: null })).toBeNull();
});

test("the next times of a cron expression are told before it is used, in its own time zone", async () => {
  const { call } = httpClient();
  const answer = await call("GET", "/v1/schedules/next?cron=0+6+*+*+MON-FRI&timezone=Europe/Berlin&limit=3");
  expect(answer.body).toEqual({
    times: ["2026-03-16T05:00:00.000Z", "2026-03-17T05:00:00.000Z", "2026-03-18T05:00:00.000Z"],
  });
  expect(at((await call("GET", "/v1/schedules/next?cron=@hourly")).body, "times")).toHaveLength(5);
});

test.each([
  "cron=61+*+*+*+*",
  "cron=0+0+30+2+*",
  "cron=@hourly&timezone=Mars/Olympus",
  "timezone=UTC",
  "cron=@hourly&limit=51",
])("the next times are not told of %s", async (query) => {
  expect((await httpClient().call("GET", `/v1/schedules/next?${query}`)).status).toBe(422);
});
