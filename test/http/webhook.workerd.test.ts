import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";

import { hashApiKey } from "#auth/api-key";
import type { HookAnswer, ReceivedHook } from "#triggers/webhook/hook";
import { connectionIdOf, spellHookToken } from "#triggers/webhook/token";
import { FakeConnection } from "#test/support/fake-connection";
import { at, httpClient, NOW } from "#test/support/http-client";
import { newConnection, newTenant } from "#test/support/tenant";
import { accepted, refused, type ErrorCode, type Reply } from "#core/errors";

const ID = "550e8400-e29b-41d4-a716-446655440000";
const TOKEN = spellHookToken(ID, new Uint8Array(32));
const PATH = `/v1/source-connections/${ID}/webhook`;
const SECRETS = ["body", "verification", "secrets"];

async function setUp() {
  const client = httpClient();
  const { key } = await newTenant(client);
  const id = await newConnection(client, key);
  client.connections.calls.length = 0;
  return { ...client, key, id, base: `/v1/source-connections/${id}/webhook` };
}

describe("a webhook", () => {
  test("is made with a token that leads back to its connection and is not passed on", async () => {
    const { call, connections, key, id, base } = await setUp();
    await call("POST", base, { key, json: { verification: { scheme: "github", secrets: ["a long enough one"] } } });
    expect(connections.calls).toEqual([
      {
        method: "createHook",
        id,
        request: {
          tokenHash: expect.stringMatching(/^[0-9a-f]{64}$/),
          settings: {
            verification: { scheme: "github" },
            condition: null,
            debounceSeconds: 0,
            deliveryIdHeader: null,
          },
          secrets: ["a long enough one"],
        },
      },
    ]);
  });

  test("is changed in the fields that are sent, and in no others", async () => {
    const { call, connections, key, base } = await setUp();
    await call("PATCH", base, { key, json: { condition: null } });
    await call("PATCH", base, {
      key,
      json: { verification: { scheme: "hmac", secrets: ["twelve chars"], header: "X-Sig" } },
    });
    expect(connections.calls.map(({ request }) => request)).toEqual([
      { condition: null },
      {
        proof: {
          verification: { scheme: "hmac", header: "x-sig", encoding: "hex", prefix: "", algorithm: "sha256" },
          secrets: ["twelve chars"],
        },
      },
    ]);
  });

  test.each([
    [{}, ["body", "verification"]],
    [{ verification: { scheme: "telepathy" } }, ["body", "verification", "scheme"]],
    [{ verification: { scheme: "github" } }, SECRETS],
    [{ verification: { scheme: "github", secrets: [] } }, SECRETS],
    [{ verification: { scheme: "github", secrets: [""] } }, [...SECRETS, 0]],
    [{ verification: { scheme: "github", secrets: ["long enough, beside", "eleven char"] } }, [...SECRETS, 1]],
    [{ verification: { scheme: "gitlab", secrets: ["s"] } }, [...SECRETS, 0]],
    [{ verification: { scheme: "hmac", secrets: ["s"], header: "x-signature" } }, [...SECRETS, 0]],
    [{ verification: { scheme: "none", secrets: ["s"] } }, SECRETS],
    [{ verification: { scheme: "standard-webhooks", secrets: ["!"] } }, [...SECRETS, 0]],
    [{ verification: { scheme: "standard-webhooks", secrets: [`whsec_${"A".repeat(31)}=`] } }, [...SECRETS, 0]],
    // What is before the secret counts for nothing.
    [{ verification: { scheme: "standard-webhooks", secrets: [`whsec_${"A".repeat(26)}`] } }, [...SECRETS, 0]],
    [{ verification: { scheme: "hmac", secrets: ["twelve chars"] } }, ["body", "verification", "header"]],
    [
      { verification: { scheme: "hmac", secrets: ["twelve chars"], header: "no good" } },
      ["body", "verification", "header"],
    ],
    [{ verification: { scheme: "none" }, debounce_seconds: 3_601 }, ["body", "debounce_seconds"]],
    [{ verification: { scheme: "none" }, debounce_seconds: -1 }, ["body", "debounce_seconds"]],
    [{ verification: { scheme: "none" }, condition: "a ==" }, ["body", "condition"]],
    [{ verification: { scheme: "none" }, condition: "a".repeat(1_001) }, ["body", "condition"]],
    [{ verification: { scheme: "none" }, filter: "a" }, ["body", "filter"]],
  ])("is refused where it is wrong: %j", async (json, loc) => {
    const { call, connections, key, base } = await setUp();
    const answer = await call("POST", base, { key, json });
    expect([answer.status, at(answer.body, "detail", 0, "loc")]).toEqual([422, loc]);
    expect(connections.calls).toEqual([]);
  });

  test.each([
    ["padded", `whsec_${"/+".repeat(16)}AA==`],
    ["unpadded", `whsec_${"+/".repeat(16)}AAA`],
    ["without what mostly stands before it", "A".repeat(32)],
    ["of 64 bytes, the most", `whsec_${"A".repeat(86)}==`],
  ])("takes a secret of Standard Webhooks, %s", async (_spelling, secret) => {
    const { call, connections, key, base } = await setUp();
    await call("POST", base, { key, json: { verification: { scheme: "standard-webhooks", secrets: [secret] } } });
    expect(connections.calls).toMatchObject([{ method: "createHook", request: { secrets: [secret] } }]);
  });

  test("says what is wrong with a secret that is too short", async () => {
    const { call, key, base } = await setUp();
    const json = { verification: { scheme: "github", secrets: ["short"] } };
    const answer = await call("POST", base, { key, json });
    expect(at(answer.body, "detail", 0, "msg")).toContain("at least 12 characters");
  });

  test("says what is wrong with a condition in the parser's words", async () => {
    const { call, key, base } = await setUp();
    const json = { verification: { scheme: "none" }, condition: "contains(a" };
    const answer = await call("POST", base, { key, json });
    expect(at(answer.body, "detail", 0, "msg")).toMatch(/not a JMESPath expression\. .*Rparen|EOF/);
  });

  test("repeats no secret in a refusal", async () => {
    const json = { verification: { scheme: "standard-webhooks", secrets: ["not base64: hush!"] } };
    expect((await httpClient().call("POST", PATH, { json })).text).not.toContain("hush");
  });
});

/** Answers every delivery the same, and remembers what reached it. */
class Receiver extends FakeConnection {
  readonly received: ReceivedHook[] = [];
  answer: Reply<HookAnswer> = accepted({ outcome: "started", deliveryId: "d", job: null, challenge: null });

  override async receiveHook(received: ReceivedHook): Promise<Reply<HookAnswer>> {
    this.received.push(received);
    return this.answer;
  }
}

function receiving() {
  let clock = NOW;
  const client = httpClient({ now: () => clock });
  const receiver = new Receiver(ID, client.connections, env.DB);
  client.connections.put(ID, receiver);
  const deliver = (raw: BodyInit, headers: Readonly<Record<string, string>> = {}, token = TOKEN) =>
    client.call("POST", `/v1/hooks/${token}`, { key: null, raw, headers });
  return { ...client, receiver, deliver, pass: (ms: number) => (clock += ms) };
}

function refuseWith(code: ErrorCode): Reply<HookAnswer> {
  return refused({ code, message: "No." });
}

describe("a delivery", () => {
  test("needs no key, and reaches the connection as it came", async () => {
    const { deliver, receiver } = receiving();
    const body = new Uint8Array([0, 255, 10, 13, 34]);
    const answer = await deliver(body, { "X-Signature": "abc", cookie: "a=b" });
    expect([answer.status, answer.body]).toEqual([202, { status: "started", delivery_id: "d", job: null }]);
    const [received] = receiver.received;
    expect(received?.tokenHash).toBe(await hashApiKey(TOKEN));
    expect(received?.headers).toMatchObject({ "x-signature": "abc" });
    expect(received?.headers).not.toHaveProperty("cookie");
    expect(received?.body).toEqual(body);
  });

  test("leaves its token in no line of the log", async () => {
    const lines = vi.spyOn(console, "log").mockReturnValue();
    const { deliver } = receiving();
    await deliver("the body");
    const logged = lines.mock.calls.map(([line]) => String(line)).join("\n");
    lines.mockRestore();
    expect(logged).toContain("/v1/hooks/:token");
    expect(logged).not.toMatch(new RegExp(`${TOKEN}|the body`));
  });

  test("in another method is told which one, without a key", async () => {
    const { call } = receiving();
    const answer = await call("GET", `/v1/hooks/${TOKEN}`, { key: null });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test("that is a challenge is answered with 200 and what was asked for", async () => {
    const { deliver, receiver } = receiving();
    receiver.answer = accepted({ outcome: "challenge", deliveryId: null, job: null, challenge: "abc" });
    const answer = await deliver("{}");
    expect([answer.status, answer.body]).toEqual([200, { challenge: "abc" }]);
  });

  test("of more than a megabyte is not passed on, but counted", async () => {
    const { deliver, receiver } = receiving();
    receiver.answer = refuseWith("body_too_large");
    expect((await deliver("x".repeat(1_000_001))).status).toBe(413);
    expect(receiver.received).toMatchObject([{ body: null }]);
    receiver.answer = accepted({ outcome: "started", deliveryId: null, job: null, challenge: null });
    expect((await deliver("x".repeat(1_000_000))).status).toBe(202);
  });

  test.each([
    ["signature_invalid", 401],
    ["delivery_invalid", 400],
    ["body_too_large", 413],
    ["conflict", 409],
    ["not_found", 404],
    ["unavailable", 503],
  ] as const)("that is refused as %s gets %i", async (code, status) => {
    const { deliver, receiver } = receiving();
    receiver.answer = refuseWith(code);
    expect((await deliver("{}")).status).toBe(status);
  });

  test("that is not signed is told that a signature is what a 401 asks for", async () => {
    const { deliver, receiver } = receiving();
    receiver.answer = refuseWith("signature_invalid");
    expect((await deliver("{}")).headers.get("www-authenticate")).toBe("Signature");
  });

  test("at an address that is none gets the same answer as one at an address that is gone", async () => {
    const { deliver, receiver, connections } = receiving();
    receiver.answer = refused({
      code: "not_found",
      message: "There is no webhook at this address. It may have been rotated or deleted.",
    });
    const gone = await deliver("{}");
    for (const token of ["x", "A".repeat(63), "A".repeat(65), "%00", "a%2Fb", "{token}"]) {
      const none = await deliver("{}", {}, token);
      expect([none.status, none.text]).toEqual([gone.status, gone.text]);
    }
    expect(connections.calls).toEqual([]);
  });

  test("whose like were refused three hundred times in a minute reaches nothing until the minute is over", async () => {
    const { deliver, receiver, pass } = receiving();
    receiver.answer = refuseWith("signature_invalid");
    for (let attempt = 0; attempt < 300; attempt += 1) expect((await deliver("{}")).status).toBe(401);
    const limited = await deliver("{}");
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "60"]);
    expect(receiver.received).toHaveLength(300);
    expect((await deliver("{}", { "cf-connecting-ip": "192.0.2.1" })).status).toBe(401);
    pass(60_000);
    expect((await deliver("{}")).status).toBe(401);
  });

  test("to addresses that are not there reaches nothing after three thousand in a minute, wherever each was for", async () => {
    const { call, connections, receiver, deliver, pass } = receiving();
    receiver.answer = refuseWith("not_found");
    for (let attempt = 0; attempt < 3_000; attempt += 1) {
      const guess = new Uint8Array(32).fill(attempt & 0xff);
      guess[0] = attempt >> 8;
      const token = attempt % 2 === 0 ? spellHookToken(ID, guess) : `no token ${attempt}`;
      const { status } = await call("POST", `/v1/hooks/${encodeURIComponent(token)}`, { key: null, raw: "{}" });
      if (status !== 404) throw new Error(`Attempt ${attempt} was answered ${status}.`);
    }
    const reached = receiver.received.length;
    expect((await deliver("{}")).status).toBe(429);
    expect([receiver.received.length, connections.calls]).toEqual([reached, []]);
    expect((await deliver("{}", { "cf-connecting-ip": "192.0.2.1" })).status).toBe(404);
    pass(60_000);
    expect((await deliver("{}")).status).toBe(404);
  });

  test("does not suffer from those that were refused at another address", async () => {
    const { deliver, receiver } = receiving();
    receiver.answer = refuseWith("signature_invalid");
    for (let attempt = 0; attempt < 301; attempt += 1) await deliver("{}");
    const other = spellHookToken(ID, new Uint8Array(32).fill(1));
    expect(connectionIdOf(other)).toBe(ID);
    expect((await deliver("{}", {}, other)).status).toBe(401);
  });
});
