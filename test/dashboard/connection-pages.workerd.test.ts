import { describe, expect, test, vi } from "vitest";

import { accepted } from "#core/errors";
import { aJob } from "#test/support/builders";
import { browserLike } from "#test/support/browser-like";
import { httpClient, ROOT_KEY } from "#test/support/http-client";
import { newConnection, newTenant } from "#test/support/tenant";

/** A browser that is signed in, and a connection of its organization that exists in the same fake objects. */
async function setUp() {
  const browser = browserLike();
  await browser.signIn();
  const id = await newConnection(clientOf(browser), ROOT_KEY, { name: "Shop orders" });
  return { browser, id, path: `/connections/${id}`, object: browser.connections.at(id) };
}

/** The API over the objects that the browser's pages are about. */
function clientOf({ connections }: ReturnType<typeof browserLike>) {
  return httpClient({ connections });
}

const TABS = ["", "/entities", "/changes", "/schedule"];

describe("the pages of a connection", () => {
  test.each(TABS)("%s is there, and is its organization's alone", async (tab) => {
    const { browser, path } = await setUp();
    const page = await browser.get(path + tab);
    expect(page.status).toBe(200);
    expect(page.html).toContain("Shop orders");
    await browser.signIn((await newTenant(httpClient())).key);
    const walled = await browser.get(path + tab);
    expect(walled.status).toBe(404);
    expect(walled.html).not.toContain("Shop orders");
  });

  test("what is no id leads to a page that says there is nothing", async () => {
    const { browser } = await setUp();
    const page = await browser.get("/connections/nothing");
    expect([page.status, page.headers.get("content-type")]).toEqual([404, "text/html; charset=UTF-8"]);
  });

  test("what a source sends is text on them, and nothing else", async () => {
    const { browser, path, object } = await setUp();
    const evil = `<script>alert("1")</script>`;
    object.entitiesNow.push({ stream: evil, id: evil, data: { title: evil } });
    object.jobsNow.push(
      aJob({ status: "FAILED", completedAt: 2_000, wakeAt: null, error: evil, errorCategory: "bad_response" }),
    );
    for (const tab of TABS) {
      const { html } = await browser.get(path + tab);
      expect(html).not.toContain("<script>");
    }
    expect((await browser.get(`${path}/entities`)).html).toContain("&lt;script&gt;");
  });
});

describe("the change feed", () => {
  test("of nothing says so, in either order", async () => {
    const { browser, path } = await setUp();
    for (const query of ["", "?order=oldest_first"]) {
      expect((await browser.get(`${path}/changes${query}`)).html).toContain("Nothing has changed yet");
    }
  });

  test("where a page of it told nothing leads on, since what it had changed again later", async () => {
    const { browser, path, object } = await setUp();
    const page = { items: [], nextCursor: "end", olderCursor: "further back" };
    vi.spyOn(object, "newestChanges").mockResolvedValue(accepted(page));
    const { html } = await browser.get(`${path}/changes`);
    expect(html).toContain("All of these have changed again");
    expect(html).toContain("?before=further%20back");
  });
});

describe("running a sync", () => {
  test("starts one, leads back to the page, and shows it there with its progress", async () => {
    const { browser, path, object } = await setUp();
    const done = await browser.post(`${path}/run`, { mode: "full" });
    expect([done.status, done.headers.get("location")]).toEqual([303, path]);
    expect(browser.connections.calls.at(-1)).toMatchObject({
      method: "run",
      request: { forceFullSync: true, onConflict: "reject", confirmDeletes: false },
    });
    object.jobsNow.push(aJob({ status: "RUNNING" }));
    const { html } = await browser.get(path);
    expect(html).toMatch(/data-live="[^"]+\/events"/);
    expect(html).not.toContain("Sync now");
  });

  test("without a session does nothing", async () => {
    const { browser, path } = await setUp();
    browser.cookies.clear();
    const page = await browser.post(`${path}/run`);
    expect([page.status, page.headers.get("location")]).toEqual([303, "/sign-in"]);
    expect(browser.connections.calls.map(({ method }) => method)).not.toContain("run");
  });

  test("from another site does nothing", async () => {
    const { browser, path } = await setUp();
    const headers = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    expect((await browser.post(`${path}/run`, {}, { headers })).status).toBe(403);
    expect(browser.connections.calls.map(({ method }) => method)).not.toContain("run");
  });

  test("whose deletes were held back can be confirmed where it says so", async () => {
    const { browser, path, object } = await setUp();
    const held = { status: "FAILED", completedAt: 2_000, wakeAt: null, errorCategory: "deletes_held_back" } as const;
    object.jobsNow.push(aJob({ ...held, error: "800 of 1,000 would go." }));
    const { html } = await browser.get(path);
    expect(html).toContain("800 of 1,000 would go.");
    expect(html).toContain('name="confirm_deletes"');
    await browser.post(`${path}/run`, { mode: "full", confirm_deletes: "yes" });
    expect(browser.connections.calls.at(-1)).toMatchObject({ request: { forceFullSync: true, confirmDeletes: true } });
  });
});

describe("a job", () => {
  test("has a page with its log, and its events as the API sends them", async () => {
    const { browser, path, object } = await setUp();
    const job = aJob({
      status: "FAILED",
      completedAt: 2_000,
      wakeAt: null,
      error: "Down.",
      errorCategory: "source_unavailable",
    });
    object.jobsNow.push(job);
    object.logNow.push({ at: 1_000, type: "started", stream: null, message: "Started by hand.", until: null });
    const page = await browser.get(`${path}/jobs/${job.id}`);
    expect(page.html).toContain("Started by hand.");
    expect(page.html).toContain("The source could not be reached");
    const events = await browser.get(`${path}/jobs/${job.id}/events`, { headers: { accept: "text/event-stream" } });
    expect(events.headers.get("content-type")).toContain("text/event-stream");
    expect(events.html).toContain("event: end");
    browser.cookies.clear();
    const unknown = await browser.get(`${path}/jobs/${job.id}/events`, { headers: { accept: "text/event-stream" } });
    expect(unknown.status).toBe(401);
  });
});

describe("the schedule", () => {
  test("shows the next five times of what is typed, before it is saved, and what is wrong with it", async () => {
    const { browser, path } = await setUp();
    const times = await browser.get(
      `${path}/schedule/times?cron=0+6+*+*+*&timezone=Europe/Berlin&full_sync_cron=nonsense`,
    );
    expect(JSON.parse(times.html)).toEqual({
      times: ["16", "17", "18", "19", "20"].map((day) => `2026-03-${day}T05:00:00.000Z`),
      full_times: [],
      faults: { cron: null, timezone: null, fullCron: expect.stringContaining("CRON") },
    });
    const page = await browser.get(`${path}/schedule?cron=0+6+*+*+*&timezone=Europe/Berlin&full_sync_cron=`);
    expect(page.html).toContain("Mon, 16 Mar 2026, 06:00 CET");
  });

  test("is saved, is removed, and says what it refuses beside the field", async () => {
    const { browser, path } = await setUp();
    const saved = await browser.post(`${path}/schedule`, { cron: "0 6 * * *", timezone: "UTC", full_sync_cron: "" });
    expect([saved.status, saved.headers.get("location")]).toEqual([303, `${path}/schedule?done=scheduled`]);
    expect(browser.connections.calls.at(-1)).toMatchObject({
      method: "update",
      request: { schedule: { cron: "0 6 * * *", timezone: "UTC", full_sync_cron: null } },
    });
    const wrong = await browser.post(`${path}/schedule`, { cron: "0 6", timezone: "UTC", full_sync_cron: "" });
    expect(wrong.status).toBe(422);
    expect(wrong.html).toMatch(/id="cron-wrong"[^>]*>[^<]*five fields/);
    await browser.post(`${path}/schedule`, { remove: "yes" });
    expect(browser.connections.calls.at(-1)).toMatchObject({ method: "update", request: { schedule: null } });
  });
});
