import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";

import { openSession, sealSession } from "#auth/session";
import { browserLike } from "#test/support/browser-like";
import { httpClient, NOW, ROOT_KEY } from "#test/support/http-client";
import { newConnection, newTenant } from "#test/support/tenant";

const DAY = 86_400_000;

test("a page that can't be made says nothing but the request id, and the log says why", async () => {
  const browser = browserLike();
  await browser.signIn((await newTenant(httpClient())).key);
  const failing = { prepare: () => ({ bind: () => ({ first: () => Promise.reject(new Error("secret detail")) }) }) };
  const unlucky = browserLike({ env: { DB: failing } });
  for (const [name, value] of browser.cookies) unlucky.cookies.set(name, value);
  const log = vi.spyOn(console, "log").mockReturnValue();
  const page = await unlucky.get("/");
  const lines = log.mock.calls.join("\n");
  log.mockRestore();

  expect(page.status).toBe(500);
  const [id = "none"] = /[0-9a-f-]{36}/.exec(page.html) ?? [];
  expect(page.html).not.toContain("secret detail");
  expect(lines).toMatch(new RegExp(`"unexpected_error".*${id}.*secret detail`));
});

test("no two sessions are sealed with the same nonce: with it, the key they share would be of no use", async () => {
  const keys = [{ id: "k1", secret: btoa("0".repeat(32)) }];
  const session = { keyHash: "hash", expiresAt: NOW + DAY };
  const [one, other] = [await sealSession(keys, session), await sealSession(keys, session)];
  expect(one).not.toBe(other);
  expect(await openSession(keys, other, NOW)).toEqual(session);
});

describe("signing in", () => {
  test("leads from the page that was asked for, by way of the key, back to it", async () => {
    const browser = browserLike();
    const asked = await browser.get("/connections/x?tab=1");
    expect([asked.status, asked.headers.get("location")]).toEqual([303, "/sign-in?next=%2Fconnections%2Fx%3Ftab%3D1"]);
    const form = await browser.get("/sign-in?next=%2F%3Fq%3Dshop");
    expect(form.html).toContain('name="next" value="/?q=shop"');
    const done = await browser.post("/sign-in", { key: ROOT_KEY, next: "/?q=shop" });
    expect([done.status, done.headers.get("location")]).toEqual([303, "/?q=shop"]);
    expect((await browser.get("/")).status).toBe(200);
  });

  test.each([
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/.//evil.example",
    "/a/..//evil.example",
    "/%2e//evil.example",
    "evil",
    "",
  ])("never leads elsewhere: %j", async (next) => {
    const done = await browserLike().post("/sign-in", { key: ROOT_KEY, next });
    expect(done.headers.get("location")).toBe("/");
  });

  test("sets a cookie that scripts, other sites and plain http don't see, and that holds no key", async () => {
    const browser = browserLike();
    const { headers } = await browser.signIn();
    const cookie = headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^__Host-sluice=k1\.[\w-]+; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect(cookie).not.toContain(ROOT_KEY);
  });

  test.each([
    ["a wrong key", `slc_${"A".repeat(43)}`, "Invalid or expired API key"],
    ["no key", "", "This is no API key"],
    ["what no header can carry", "kéy", "This is no API key"],
  ])("says why %s does not let in, and sets no cookie", async (_what, key, reason) => {
    const browser = browserLike();
    const page = await browser.signIn(key);
    expect(page.status).toBe(403);
    expect(page.html).toContain(reason);
    expect(page.headers.get("set-cookie")).toBeNull();
  });

  test("is limited for an address that only guesses, as the API is", async () => {
    const browser = browserLike();
    const headers = { "cf-connecting-ip": "192.0.2.7" };
    const guess = () => browser.post("/sign-in", { key: "guess" }, { headers });
    for (let count = 0; count < 300; count += 1) await guess();
    const page = await guess();
    expect(page.status).toBe(429);
    expect(page.html).toContain("Too many requests without a good API key");
    const elsewhere = await browser.post(
      "/sign-in",
      { key: ROOT_KEY },
      { headers: { "cf-connecting-ip": "192.0.2.8" } },
    );
    expect(elsewhere.status).toBe(303);
    const unlucky = await browser.post("/sign-in", { key: "guess" }, { headers: { "cf-connecting-ip": "192.0.2.8" } });
    expect(unlucky.status).toBe(403);
  });
});

describe("a session", () => {
  test("ends when it is signed out of", async () => {
    const browser = browserLike();
    await browser.signIn();
    await browser.post("/sign-out");
    expect(browser.cookies.size).toBe(0);
    expect((await browser.get("/")).headers.get("location")).toBe("/sign-in");
  });

  test("ends after seven days", async () => {
    let now = NOW;
    const browser = browserLike({ now: () => now });
    await browser.signIn();
    now += 7 * DAY - 1;
    expect((await browser.get("/")).status).toBe(200);
    now += 1;
    expect((await browser.get("/")).status).toBe(303);
  });

  test("ends with its key: revoked, expired, or replaced as the root key", async () => {
    const client = httpClient();
    const tenant = await newTenant(client);
    const revoked = browserLike();
    await revoked.signIn(tenant.key);
    expect((await revoked.get("/")).status).toBe(200);
    await env.DB.prepare("UPDATE api_keys SET expires_at = ? WHERE organization_id = ?").bind(NOW, tenant.id).run();
    expect((await revoked.get("/")).status).toBe(303);

    const root = browserLike();
    await root.signIn();
    const changed = browserLike({ env: { SLUICE_API_KEY: "another-root-key-0123456789" } });
    for (const [name, value] of root.cookies) changed.cookies.set(name, value);
    expect((await changed.get("/")).status).toBe(303);
  });

  test("that was tampered with, or sealed with a key that is gone, is none", async () => {
    const browser = browserLike();
    await browser.signIn();
    const [[name, token] = ["", ""]] = [...browser.cookies];
    const middle = token.length / 2;
    browser.cookies.set(
      name,
      token.slice(0, middle) + (token.at(middle) === "A" ? "B" : "A") + token.slice(middle + 1),
    );
    expect((await browser.get("/")).status).toBe(303);

    const rotated = browserLike({ env: { SLUICE_ENCRYPTION_KEYS: `k2:${btoa("x".repeat(32))}` } });
    rotated.cookies.set(name, token);
    expect((await rotated.get("/")).status).toBe(303);
  });

  test("sees its own organization's connections and nobody else's", async () => {
    const browser = browserLike();
    const client = httpClient();
    const [mine, other] = [await newTenant(client), await newTenant(client)];
    await newConnection(client, other.key, { name: "Not yours" });
    await newConnection(client, mine.key, { name: "All mine" });
    await browser.signIn(mine.key);
    const { html } = await browser.get("/");
    expect(html).toContain("All mine");
    expect(html).not.toContain("Not yours");
  });

  test("is no key: the API takes no cookie", async () => {
    const browser = browserLike();
    await browser.signIn();
    expect((await browser.get("/v1/source-connections")).status).toBe(401);
  });
});

describe("what changes something", () => {
  test.each([
    ["another site", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
    ["a sibling of our host", { origin: "https://other.example.com", "sec-fetch-site": "same-site" }],
    ["an origin that is hidden", { origin: "null", "sec-fetch-site": "cross-site" }],
    ["another origin, of a browser that says no more", { origin: "http://evil.example", "sec-fetch-site": "" }],
  ])("is refused from %s", async (_what, headers) => {
    const browser = browserLike();
    await browser.signIn();
    const page = await browser.post("/sign-out", {}, { headers });
    expect(page.status).toBe(403);
    expect((await browser.get("/")).status).toBe(200);
  });
});

describe("every page", () => {
  test("runs nothing and loads nothing but what the Worker serves, which is kept for ever", async () => {
    const browser = browserLike();
    await browser.signIn();
    for (const path of ["/", "/sign-in", "/connections/none"]) {
      const { headers, html } = await browser.get(path);
      expect(headers.get("content-security-policy")).toContain(
        "default-src 'none'; script-src 'self'; style-src 'self'",
      );
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect(headers.get("cache-control")).toBe("private, no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      // An inline script or style, or a handler, would be refused by the browser.
      expect(html).not.toMatch(/<style|<script(?! type="module" src=)|\sstyle=|\son[a-z]+=|https?:\/\/(?!localhost)/);
      const assets = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, asset = ""]) => asset);
      expect(assets.length).toBeGreaterThan(2);
      for (const asset of assets) {
        const { status, headers: kept } = await browser.get(asset);
        expect([status, kept.get("cache-control")]).toEqual([200, "public, max-age=31536000, immutable"]);
      }
    }
    expect((await browser.get("/assets/AAAAAAAAAAAA/style.css")).status).toBe(404);
  });

  test("of an account without connections says what to do", async () => {
    const browser = browserLike();
    await browser.signIn((await newTenant(httpClient())).key);
    const { html } = await browser.get("/");
    expect(html).toContain("Nothing flows yet");
    expect(html).toContain("Connect a source");
  });
});

async function linesOf(visit: () => Promise<unknown>): Promise<Record<string, unknown>[]> {
  const log = vi.spyOn(console, "log").mockReturnValue();
  await visit();
  const lines = log.mock.calls.map(([line]) => z.record(z.string(), z.unknown()).parse(JSON.parse(String(line))));
  log.mockRestore();
  return lines;
}

describe("what is logged", () => {
  test("is one line for each request that came in, whatever its page asked of the API", async () => {
    const browser = browserLike();
    const [signIn, ...others] = await linesOf(() => browser.signIn());
    expect([signIn, others]).toMatchObject([{ event: "request_answered", method: "POST", route: "/sign-in" }, []]);
    const id = await newConnection(httpClient({ connections: browser.connections }), ROOT_KEY);
    const lines = await linesOf(() => browser.get(`/connections/${id}`));
    expect(lines).toMatchObject([{ event: "request_answered", route: "/connections/:id", status: 200 }]);
  });

  test("of a fault in the API has the id of the page's request, as the page's own line has", async () => {
    const browser = browserLike();
    await browser.signIn();
    browser.connections.fault = new Error("the disk is on fire");
    const lines = await linesOf(() => browser.get(`/connections/${crypto.randomUUID()}`));
    const answered = lines.at(-1);
    const faults = lines.filter(({ event }) => event === "unexpected_error");
    expect(answered).toMatchObject({ event: "request_answered", status: 500 });
    // The page asks for several things at a time.
    expect(faults.length).toBeGreaterThan(0);
    for (const fault of faults) expect(fault["request_id"]).toBe(answered?.["request_id"]);
  });
});
