import { describe, expect, test, vi } from "vitest";

import { refused } from "#core/errors";

import { browserLike } from "#test/support/browser-like";
import { httpClient, ROOT_KEY, textAt } from "#test/support/http-client";
import { newConnection, newTenant } from "#test/support/tenant";

const SECRET = "It's a Secret to Everybody";

async function setUp() {
  const browser = browserLike();
  await browser.signIn();
  const client = httpClient({ connections: browser.connections });
  const id = await newConnection(client, ROOT_KEY, { name: "Shop orders", config: { entity_count: 7 } });
  const describeNow = async () => (await client.call("GET", `/v1/source-connections/${id}`)).body;
  return { browser, client, id, path: `/connections/${id}`, describeNow };
}

/** With a connection whose object is a real one: nothing else has webhooks. */
async function withObject() {
  const browser = browserLike({ realObjects: true });
  await browser.signIn();
  const created = await browser.api("POST", "/v1/source-connections", {
    short_name: "stub",
    authentication: { credentials: { stub_key: "key" } },
    sync_immediately: false,
  });
  const id = textAt(created, "id");
  return {
    browser,
    path: `/connections/${id}`,
    hook: () => browser.api("GET", `/v1/source-connections/${id}/webhook`),
  };
}

describe("the settings", () => {
  test("rename a connection, and say beside the field what is refused", async () => {
    const { browser, path, describeNow } = await setUp();
    const done = await browser.post(`${path}/settings/name`, { name: "Renamed", description: "" });
    expect([done.status, done.headers.get("location")]).toEqual([303, `${path}/settings?done=saved`]);
    expect(await describeNow()).toMatchObject({ name: "Renamed", description: null });
    const wrong = await browser.post(`${path}/settings/name`, { name: "abc", description: "kept" });
    expect(wrong.status).toBe(422);
    expect(wrong.html).toMatch(/id="name-wrong"/);
    expect(wrong.html).toContain("kept");
  });

  test("pause a connection, and resume it", async () => {
    const { browser, path, describeNow } = await setUp();
    await browser.post(`${path}/settings/pause`, { paused: "yes" });
    expect(await describeNow()).toMatchObject({ is_paused: true });
    expect((await browser.get(path)).html).toContain("Paused");
    await browser.post(`${path}/settings/pause`, { paused: "no" });
    expect(await describeNow()).toMatchObject({ is_paused: false });
  });

  test("of syncs are kept in the API's units, shown in people's, and gone where the field is empty", async () => {
    const { browser, path, describeNow } = await setUp();
    const form = { guard_percent: "33.3", guard_from: "20", deadline: "36", deadline_unit: "hours" };
    const done = await browser.post(`${path}/settings/syncs`, form);
    expect([done.status, done.headers.get("location")]).toEqual([303, `${path}/settings?done=saved`]);
    expect(await describeNow()).toMatchObject({
      sync_settings: { delete_guard_ratio: 0.333, delete_guard_min_entities: 20, job_deadline_seconds: 129_600 },
    });
    const { html } = await browser.get(`${path}/settings`);
    for (const value of Object.values(form)) expect(html).toContain(`value="${value}"`);
    await browser.post(`${path}/settings/syncs`, { guard_percent: "", guard_from: "5", deadline: "" });
    expect(await describeNow()).toHaveProperty("sync_settings", { delete_guard_min_entities: 5 });
  });

  test.each([
    ["guard_percent", "101", "guard-percent"],
    ["guard_percent", "half", "guard-percent"],
    ["guard_from", "1.5", "guard-from"],
    ["deadline", "0", "deadline"],
    ["deadline", "31", "deadline"],
  ])("of syncs: %s of %s is refused beside its field, and stays there to be mended", async (name, text, id) => {
    const { browser, path, describeNow } = await setUp();
    const before = await describeNow();
    const page = await browser.post(`${path}/settings/syncs`, { deadline_unit: "days", [name]: text });
    expect(page.status).toBe(422);
    expect(page.html).toContain(`id="${id}-wrong"`);
    expect(page.html.match(/-wrong"/g)).toHaveLength(1);
    expect(page.html).toContain(`value="${text}"`);
    expect(await describeNow()).toEqual(before);
  });

  test("delete a connection once its name is typed, and nothing before", async () => {
    const { browser, client, id, path } = await setUp();
    const wrong = await browser.post(`${path}/settings/delete`, { confirmation: "Shop" });
    expect(wrong.status).toBe(422);
    expect(wrong.html).toContain("Nothing was deleted");
    const done = await browser.post(`${path}/settings/delete`, { confirmation: "Shop orders" });
    expect([done.status, done.headers.get("location")]).toEqual([303, "/?done=deleted"]);
    expect((await client.call("GET", `/v1/source-connections/${id}`)).status).toBe(404);
  });

  test("replace the credentials, which are never shown, not even when they are refused", async () => {
    const { browser, id, path } = await setUp();
    const page = await browser.get(`${path}/settings`);
    expect(page.html).toContain('name="credentials.stub_key"');
    expect(page.html).toContain('value="7"');
    const done = await browser.post(`${path}/settings/credentials`, { "credentials.stub_key": SECRET });
    expect([done.status, done.headers.get("location")]).toEqual([303, `${path}/settings?done=credentials`]);
    expect(browser.connections.calls.findLast(({ method }) => method === "update")).toMatchObject({
      request: { credentials: { stub_key: SECRET } },
    });
    const refusal = { code: "source_refused", message: "The key is refused." } as const;
    vi.spyOn(browser.connections.at(id), "update").mockResolvedValue(refused(refusal));
    const answer = await browser.post(`${path}/settings/credentials`, { "credentials.stub_key": SECRET });
    expect(answer.status).toBe(422);
    expect(answer.html).toContain("The key is refused.");
    expect(answer.html).not.toContain("Secret to Everybody");
  });

  test("are another organization's to look at, or to change, for nobody", async () => {
    const { browser, path, describeNow } = await setUp();
    await browser.signIn((await newTenant(httpClient())).key);
    for (const what of ["name", "syncs", "pause", "delete", "credentials", "config"]) {
      const page = await browser.post(`${path}/settings/${what}`, {
        name: "Taken",
        paused: "yes",
        confirmation: "Shop orders",
      });
      expect([what, page.status]).toEqual([what, 404]);
    }
    expect(await describeNow()).toMatchObject({ name: "Shop orders", is_paused: false });
  });
});

describe("the webhook", () => {
  const FORM = { scheme: "github", secrets: SECRET, condition: "", debounce_seconds: "10", delivery_id_header: "" };

  test("shows its address once, when it is made, and never its secrets", async () => {
    const { browser, path, hook } = await withObject();
    const made = await browser.post(`${path}/webhook`, FORM);
    expect(made.status).toBe(200);
    expect(made.html).toMatch(/https:\/\/sluice\.example\.com\/v1\/hooks\/[^<\s]{40,}/);
    const page = await browser.get(`${path}/webhook`);
    expect(page.html).not.toContain("/v1/hooks/");
    expect(made.html + page.html).not.toContain("Secret to Everybody");
    expect(await hook()).toMatchObject({ verification: { scheme: "github", secrets: 1 }, debounce_seconds: 10 });
  });

  test("keeps its secrets when other things are saved, and loses none by mistake", async () => {
    const { browser, path, hook } = await withObject();
    await browser.post(`${path}/webhook`, FORM);
    const done = await browser.post(`${path}/webhook`, { ...FORM, secrets: "", condition: "issue" });
    expect([done.status, done.headers.get("location")]).toEqual([303, `${path}/webhook?done=webhook-saved`]);
    expect(await hook()).toMatchObject({ verification: { scheme: "github", secrets: 1 }, condition: "issue" });
    const wrong = await browser.post(`${path}/webhook`, { ...FORM, scheme: "stripe", secrets: "" });
    expect(wrong.status).toBe(422);
    expect(wrong.html).toMatch(/id="secrets-wrong"/);
    expect(await hook()).toMatchObject({ verification: { scheme: "github", secrets: 1 } });
  });

  test("gets a new address, and is taken away", async () => {
    const { browser, path, hook } = await withObject();
    await browser.post(`${path}/webhook`, FORM);
    const rotated = await browser.post(`${path}/webhook/rotate`, { overlap_seconds: "86400" });
    expect(rotated.html).toContain("/v1/hooks/");
    expect((await browser.post(`${path}/webhook/remove`)).status).toBe(303);
    expect(await hook()).toEqual({ detail: expect.stringContaining("webhook") });
  });
});
