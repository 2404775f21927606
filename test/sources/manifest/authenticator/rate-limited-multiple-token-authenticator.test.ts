import { afterEach, beforeEach, expect, test } from "vitest";

import { rateLimitedMultipleTokenAuthenticator } from "#sources/manifest/authenticator/rate-limited-multiple-token-authenticator";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";
import { manifestScope } from "#test/support/manifest-scope";
import { json, startUpstream, text, type ScriptedUpstream } from "#test/support/scripted-upstream";

const START = Date.parse("2026-03-01T12:00:00Z");
const RESET = START / 1000 + 600;

let upstream: ScriptedUpstream;
let left: Record<string, number>;
let now = START;
beforeEach(async () => {
  now = START;
  left = { a: 2, b: 1 };
  upstream = await startUpstream(({ headers }) => {
    const token = (headers["authorization"] ?? "").replace("token ", "");
    return json({ rate: { remaining: left[token], reset: RESET } });
  });
});
afterEach(() => upstream.close());

const QUOTA = {
  type: "TokenQuota",
  name: "core",
  remaining_path: ["rate", "remaining"],
  reset_path: ["rate", "reset"],
};
const component = (quota: object = {}) => ({
  type: "RateLimitedMultipleTokenAuthenticator",
  tokens: "{{ config['tokens'] }}",
  auth_method: "token",
  quota_status_source: { type: "QuotaStatusSource", url: `${upstream.url}/rate`, unavailable_status_codes: [404] },
  quotas: [{ ...QUOTA, ...quota }],
});

function opened(keepsakes = new MemoryKeepsakes(), quota: object = {}) {
  const definition = rateLimitedMultipleTokenAuthenticator.schema.parse(component(quota));
  const built = definition(manifestScope({ tokens: "a, b" }, { keepsakes, now: () => now }));
  const take = async () => (await built.options()).headers["Authorization"];
  const observe = (status: number, headers: Record<string, string>) =>
    built.observe?.({ status, headers, url: "", bytes: new Uint8Array(), text: () => "", json: () => null });
  return { take, observe };
}

test("one token is used until its quota is, then the next, by all streams together; then it waits for the reset", async () => {
  const keepsakes = new MemoryKeepsakes();
  const [one, other] = [opened(keepsakes), opened(keepsakes)];

  expect([await one.take(), await other.take(), await one.take()]).toEqual(["token a", "token a", "token b"]);
  await expect(other.take()).rejects.toMatchObject({ failure: { kind: "rate_limit", retryAt: RESET * 1000 } });
  expect(upstream.requests).toHaveLength(2);

  now = RESET * 1000;
  left = { a: 0, b: 5 };
  expect(await one.take()).toBe("token b");
});

test.each([
  [200, { "x-left": "0" }],
  [403, {}],
])("a token of which %i and %j say that it is used up gives way", async (status, headers) => {
  const { take, observe } = opened(new MemoryKeepsakes(), {
    remaining_header: "X-Left",
    exhaustion_status_codes: [403],
  });
  await take();
  observe(status, headers);

  expect(await take()).toBe("token b");
});

test("a window that began anew gives back what it says", async () => {
  left = { a: 1, b: 0 };
  const { take, observe } = opened(new MemoryKeepsakes(), { remaining_header: "X-Left", reset_header: "X-Reset" });
  await take();
  observe(200, { "x-left": "9", "x-reset": String(RESET + 3_600) });

  expect(await take()).toBe("token a");
});

test("a reset that has passed is not asked about over and over", async () => {
  left = { a: 0, b: 0 };
  now = RESET * 1000 + 1;

  await expect(opened().take()).rejects.toMatchObject({ failure: { retryAt: now + 5_000 } });
});

test("what an answer says of the token is not believed where it is more, since answers overtake each other", async () => {
  const { take, observe } = opened(new MemoryKeepsakes(), {
    remaining_header: "X-Left",
    exhaustion_status_codes: [403],
  });
  await take();
  observe(200, { "x-left": "50" });
  expect(await take()).toBe("token a");
  expect(await take()).toBe("token b");
  await expect(take()).rejects.toMatchObject({ failure: { kind: "rate_limit" } });
});

test("where the API counts no quota, tokens take turns", async () => {
  upstream.handle(() => text("", { status: 404 }));
  const { take } = opened();

  expect([await take(), await take(), await take()]).toEqual(["token a", "token b", "token a"]);
});

test("a path that leads nowhere is the manifest's fault", async () => {
  await expect(opened(new MemoryKeepsakes(), { remaining_path: ["nowhere"] }).take()).rejects.toMatchObject({
    failure: { kind: "bad_response", final: true, message: expect.stringContaining("nowhere") },
  });
});

test("several quotas are refused when the manifest is checked", () => {
  const { error } = rateLimitedMultipleTokenAuthenticator.schema.safeParse({ ...component(), quotas: [QUOTA, QUOTA] });

  expect(error?.issues).toMatchObject([{ path: ["quotas"], message: expect.stringContaining("Only one quota") }]);
});
