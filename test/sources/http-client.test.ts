import { once } from "node:events";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Failure } from "#core/failure";
import type { SourceRequest } from "#sources/http-client";
import { ResponseTooLarge } from "#sources/response-body";
import { SourceFailure } from "#sources/source";
import { testHttp } from "#test/support/test-http";
import * as upstreams from "#test/support/scripted-upstream";
import { begin, inTurn, json, redirect, reset, stall, startUpstream, text } from "#test/support/scripted-upstream";

const isWithoutBody = (method: string) => method === "GET" || method === "HEAD";

const PACKED = { br: brotliCompressSync, gzip: gzipSync, deflate: deflateSync };

const NOW = Date.parse("2026-11-23T12:00:00Z");

let upstream: upstreams.ScriptedUpstream;
let other: upstreams.ScriptedUpstream;
beforeEach(async () => {
  upstream = await startUpstream(() => json({ ok: true }));
  other = await startUpstream(() => json({ other: true }));
});
afterEach(() => Promise.all([upstream.close(), other.close()]));

type Overrides = Parameters<typeof testHttp>[0];

async function failureOf(overrides: Overrides, request: Partial<SourceRequest> = {}): Promise<Failure> {
  const answer = testHttp({ now: () => NOW, ...overrides }).request({
    url: `${upstream.url}/things?key=k`,
    ...request,
  });
  const error: unknown = await answer
    .then(
      (response) => response.json(),
      (reason: unknown) => reason,
    )
    .catch((reason: unknown) => reason);
  if (error instanceof SourceFailure) return error.failure;
  throw new Error(`Expected a SourceFailure, got ${String(error)}`, { cause: error });
}

describe("a request that succeeds", () => {
  test("is answered by the source and by no cache, since a copy has to be exact", async () => {
    upstream.handle(inTurn(redirect("/there"), json({})));
    const asked: RequestInit["cache"][] = [];
    const watched = (url: string, init: RequestInit) => {
      asked.push(init.cache);
      return fetch(url, init);
    };

    await testHttp({ fetch: watched }).request({ url: upstream.url });

    expect(asked).toEqual(["no-store", "no-store"]);
  });

  test("comes back with status, headers, address and body", async () => {
    upstream.handle(() => json({ name: "Zoë" }, { headers: { link: "<next>" } }));

    const response = await testHttp().request({ url: `${upstream.url}/things?page=2` });

    expect(response.status).toBe(200);
    expect(response.headers.get("link")).toBe("<next>");
    expect(response.url).toBe(`${upstream.url}/things?page=2`);
    expect(response.json()).toEqual({ name: "Zoë" });
  });

  test("says who is asking and for what, unless the source says it otherwise", async () => {
    const http = testHttp();
    await http.request({ url: upstream.url });
    await http.request({ url: upstream.url, headers: { Accept: "application/vnd.github+json" } });

    expect(upstream.requests[0]?.headers).toMatchObject({ accept: "application/json", "user-agent": "Sluice" });
    expect(upstream.requests[1]?.headers["accept"]).toBe("application/vnd.github+json");
  });

  test("sends method, headers and body as given", async () => {
    await testHttp().request({ method: "post", url: upstream.url, headers: { "x-key": "1" }, body: "{}" });

    expect(upstream.requests[0]).toMatchObject({ method: "POST", headers: { "x-key": "1" }, body: "{}" });
  });

  test("hands back statuses that the source understands, such as 304 without a body", async () => {
    upstream.handle(inTurn(text("", { status: 304 }), json({ gone: true }, { status: 404 })));
    const http = testHttp();

    expect((await http.request({ url: upstream.url, expectedStatuses: [304] })).status).toBe(304);
    expect((await http.request({ url: upstream.url, expectedStatuses: [404] })).json()).toEqual({ gone: true });
  });

  test("counts requests and bytes, the bytes as they are after decompression", async () => {
    const body = JSON.stringify("a".repeat(10_000));
    upstream.handle(() => text(gzipSync(body), { headers: { "content-encoding": "gzip" } }));
    const http = testHttp();
    await http.request({ url: upstream.url });
    await http.request({ url: upstream.url });

    expect(http.usage()).toEqual({ requests: 2, bytes: 2 * body.length });
  });
});

describe("a status that refuses", () => {
  test.each<[number, Record<string, string>, Partial<Failure>]>([
    [401, {}, { kind: "authentication", retryAt: null }],
    [403, {}, { kind: "permission", retryAt: null }],
    [403, { "x-ratelimit-remaining": "7" }, { kind: "permission" }],
    [403, { "retry-after": "60" }, { kind: "rate_limit", retryAt: NOW + 60_000 }],
    [403, { "x-ratelimit-remaining": "0" }, { kind: "rate_limit", retryAt: null }],
    [404, {}, { kind: "not_found" }],
    [410, {}, { kind: "not_found" }],
    [408, {}, { kind: "transient" }],
    [425, {}, { kind: "transient" }],
    [429, {}, { kind: "rate_limit", retryAt: null }],
    [429, { "retry-after": "Mon, 23 Nov 2026 12:01:00 GMT" }, { kind: "rate_limit", retryAt: NOW + 60_000 }],
    [500, {}, { kind: "transient", retryAt: null }],
    [503, { "retry-after": "2.5" }, { kind: "transient", retryAt: NOW + 2_500 }],
    [400, {}, { kind: "bad_request" }],
    [422, {}, { kind: "bad_request" }],
    [304, {}, { kind: "bad_response" }],
  ])("%i with %j is classified, since that decides what the job does", async (status, headers, expected) => {
    upstream.handle(() => text("", { status, headers }));

    expect(await failureOf({})).toMatchObject({ final: false, ...expected });
  });

  test.each([
    [
      "an `error` and a `reason`",
      { error: "unauthorized", reason: "Name or password is incorrect." },
      ": unauthorized: Name or password is incorrect.",
    ],
    ["a `message`", { message: "Bad credentials", documentation_url: "https://docs" }, ": Bad credentials"],
    ["an `error` that is an object", { error: { message: "No such thing", code: 7 } }, ": No such thing"],
    ["a `detail`", { detail: "Not today" }, ": Not today"],
    ["nothing readable", { code: 12 }, "."],
    [
      "a page of HTML",
      "<html><head><style>p{}</style><script>x()</script></head><p>Gateway\n\n <b>down</b></p></html>",
      ": Gateway down",
    ],
    ["plain text", "  no   way ", ": no way"],
    ["a novel", "x".repeat(5_000), `: ${"x".repeat(200)}…`],
  ])("is quoted where it has %s", async (_what, body, quoted) => {
    upstream.handle(() => text(typeof body === "string" ? body : JSON.stringify(body), { status: 418 }));

    const { message } = await failureOf({});

    expect(message).toBe(`GET ${upstream.url}/things answered 418${quoted}`);
  });

  test.each([
    [526, "the server has no valid TLS certificate, or one that nobody who is trusted has signed."],
    [530, "the server has a name that does not lead to an address."],
  ])("of Cloudflare's network, %i, is told as what it means, and tried again", async (status, meaning) => {
    upstream.handle(() => text(`error code: ${status}`, { status }));

    expect(await failureOf({})).toMatchObject({
      kind: "transient",
      message: `GET ${upstream.url}/things answered ${status}: ${meaning}`,
    });
  });

  test("shows no secret and no query, wherever the upstream repeats them", async () => {
    const secret = "s3cr&t/value";
    upstream.handle(({ url, headers }) =>
      json({ message: `${url.href} ${headers["authorization"]} ${secret}` }, { status: 400 }),
    );

    const { message } = await failureOf(
      { secrets: [secret, "user"] },
      {
        url: `${upstream.url}/${encodeURIComponent(secret)}?token=${encodeURIComponent(secret)}`,
        headers: { authorization: `Basic ${btoa(`user:${secret}`)}` },
      },
    );

    expect(message).toContain(`GET ${upstream.url}/[redacted] answered 400`);
    expect(message).not.toContain("s3cr");
    expect(message).not.toContain(btoa(`user:${secret}`));
    expect(message).not.toContain(btoa(secret).slice(3, -3));
  });

  test.each([
    ["laid out over lines", "correct\n\t  horse  battery", [400, 200]],
    ["in other spaces than its own", "correct\u00a0horse\u2003battery", [400, 200]],
    ["where the message ends", `${"x".repeat(185)} correct horse battery`, [400, 200]],
    ["in pieces between markup", "<p>correct <b>horse</b>\n<i>battery</i></p>", [400]],
    ["in pieces where the message ends", `${"x".repeat(185)} correct <b>horse</b> battery`, [400]],
  ])("shows no secret %s", async (_where, body, statuses) => {
    for (const status of statuses) {
      upstream.handle(() => text(body, { status }));

      const { message } = await failureOf({ secrets: ["correct horse battery"] });

      expect(message).toContain("[redacted]");
      expect(message).not.toMatch(/correct|horse|battery/);
    }
  });

  test("shows no secret that looks like markup", async () => {
    upstream.handle(() => text("The key pass<word>-1234 is wrong.", { status: 401 }));

    expect((await failureOf({ secrets: ["pass<word>-1234"] })).message).toContain("The key [redacted] is wrong.");
  });

  test("shows no secret that the source names as its content type, or that is part of its address", async () => {
    upstream.handle(() => text("no", { headers: { "content-type": "text/s3cret-token" } }));
    expect((await failureOf({ secrets: ["s3cret-token"] })).message).toContain("(text/[redacted])");

    const unreachable = { fetch: () => Promise.reject(new Error("s3cret-token")), secrets: ["s3cret-token"] };
    const { message } = await failureOf(unreachable, { url: "https://s3cret-token.example.com/" });
    expect(message).toContain("no connection to [redacted].example.com");
    expect(message).not.toContain("s3cret");
  });

  test("is what counts where its body breaks off or never ends", async () => {
    upstream.handle(
      inTurn(begin("never mind", "reset", { status: 401 }), begin("for ever", "repeat", { status: 403 })),
    );

    expect((await failureOf({})).kind).toBe("authentication");
    expect((await failureOf({})).kind).toBe("permission");
  });

  test.each([
    ["looked at", false, 16_384],
    ["handed back", true, 262_144],
  ])(
    "that is %s is read no further than is of use, and what was read of it is counted",
    async (_what, anyStatus, most) => {
      upstream.handle(() => begin("no ", "repeat", { status: 500 }));
      const http = testHttp();

      await http.request({ url: upstream.url, anyStatus }).catch(() => undefined);

      expect(http.usage().bytes).toBeGreaterThanOrEqual(most);
      expect(http.usage().bytes).toBeLessThan(most + 200_000);
    },
  );
});

describe("a body that can't be used", () => {
  test("is cut off while it streams in when it is too large, so that memory holds", async () => {
    upstream.handle(() => begin("x".repeat(1_000), "repeat"));
    const http = testHttp({ maxResponseBytes: 100_000 });

    const error = await http.request({ url: upstream.url }).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(ResponseTooLarge);
    expect(error).toMatchObject({ failure: { kind: "bad_response", final: false } });
    expect(String(error)).toContain("100000 bytes");
    expect(http.usage().bytes).toBeLessThan(1_000_000);
  });

  test("is read when it is exactly as large as allowed", async () => {
    upstream.handle(() => text("12345"));

    expect((await testHttp({ maxResponseBytes: 5 }).request({ url: upstream.url })).text).toBe("12345");
    expect((await failureOf({ maxResponseBytes: 4 })).kind).toBe("bad_response");
  });

  test.each(["br", "gzip", "deflate"] as const)(
    "is counted as it is after decompression, so that a small bomb does not explode: %s, with its length and without",
    async (encoding) => {
      const bomb = PACKED[encoding]("0".repeat(5_000_000));
      const packed = { "content-encoding": encoding };
      for (const headers of [packed, { ...packed, "content-length": String(bomb.length) }]) {
        upstream.handle(() => text(bomb, { headers }));
        const http = testHttp({ maxResponseBytes: 100_000 });
        const read = await http.request({ url: upstream.url }).then(
          ({ bytes }) => bytes.length,
          (reason: unknown) => reason,
        );
        expect(read).toBeInstanceOf(ResponseTooLarge);
        expect(http.usage().bytes).toBeLessThan(1_000_000);
      }
    },
  );

  test("is transient when the connection breaks in the middle", async () => {
    upstream.handle(() => begin('{"half":', "reset", { headers: { "content-length": "100" } }));

    expect(await failureOf({})).toMatchObject({ kind: "transient", message: expect.stringContaining("broke off") });
  });

  test("is a bad response when it is not UTF-8, since guessing would change data", async () => {
    upstream.handle(() => text(new Uint8Array([0x22, 0xff, 0xfe, 0x22])));

    expect(await failureOf({})).toMatchObject({ kind: "bad_response", message: expect.stringContaining("UTF-8") });
  });

  test.each([
    ["truncated JSON", '{"a":', "application/json", 'begins with: {"a":'],
    [
      "HTML with status 200",
      "<!doctype html>\n<h1>Sign in</h1>",
      "text/html",
      "begins with: <!doctype html> <h1>Sign in</h1>",
    ],
    ["nothing", "", "application/json", "an empty body"],
  ])("says what came instead of JSON: %s", async (_what, body, type, said) => {
    upstream.handle(() => text(body, { headers: { "content-type": type } }));

    const failure = await failureOf({});

    expect(failure.kind).toBe("bad_response");
    expect(failure.message).toContain(`GET ${upstream.url}/things answered 200 (${type})`);
    expect(failure.message).toContain(said);
  });
});

describe("an upstream that does not answer", () => {
  test("is transient when the connection breaks before the answer", async () => {
    upstream.handle(() => reset);

    expect(await failureOf({})).toMatchObject({ kind: "transient", message: expect.stringContaining(upstream.url) });
  });

  test("is transient when nobody listens, and names the host rather than a stack", async () => {
    await upstream.close();

    const failure = await failureOf({});

    expect(failure.kind).toBe("transient");
    expect(failure.message).toBe(
      `GET ${upstream.url}/things failed: no connection to ${new URL(upstream.url).host} (ECONNREFUSED).`,
    );
  });

  test.each([
    ["says nothing", stall],
    ["stops in the middle of its body", begin("[1,", "stall")],
    ["goes on for ever", begin(" ", "repeat")],
  ])("is transient after the time limit when it %s", async (_what, answer) => {
    upstream.handle(() => answer);

    const failure = await failureOf({ requestTimeoutMs: 100, maxResponseBytes: Number.MAX_SAFE_INTEGER });

    expect(failure).toMatchObject({ kind: "transient", message: expect.stringContaining("within 0.1 s") });
  });

  test.each([
    ["the answer", stall],
    ["the end of the body", begin("[1,", "stall")],
  ])("is left at once, with the signal's reason, when the slice stops while it waits for %s", async (_what, answer) => {
    upstream.handle(() => answer);
    const controller = new AbortController();
    const reason = new Error("cancelled");
    const arrived = upstream.nextRequest();
    const answered = testHttp({ signal: controller.signal }).request({ url: upstream.url });
    void arrived.then(() => controller.abort(reason));

    await expect(answered).rejects.toBe(reason);
  });

  test("is left at once also where fetch does not listen to its signal", async () => {
    const controller = new AbortController();
    const reason = new Error("cancelled");
    const http = testHttp({ signal: controller.signal, fetch: () => new Promise(() => {}) });
    const answered = http.request({ url: upstream.url });
    controller.abort(reason);

    await expect(answered).rejects.toBe(reason);
  });

  test("is told that it is left, so that it can stop working too", async () => {
    const controller = new AbortController();
    let hungUp: Promise<unknown> = Promise.resolve();
    const http = testHttp({
      signal: controller.signal,
      fetch: (_url, { signal }) => {
        if (signal) hungUp = once(signal, "abort");
        return new Promise(() => {});
      },
    });
    const answered = http.request({ url: upstream.url }).catch(() => {});
    controller.abort();
    await answered;

    await expect(hungUp).resolves.toBeDefined();
  });

  test("is waited for where the slice stops, when what it answers can't be had again; but not for ever", async () => {
    const controller = new AbortController();
    const http = testHttp({ signal: controller.signal, requestTimeoutMs: 100 });
    upstream.handle((request) => (request.index === 0 ? text("once") : stall));
    const [arrived, answered] = [
      upstream.nextRequest(),
      http.request({ url: upstream.url, method: "POST", outlivesSlice: true }),
    ];
    void arrived.then(() => controller.abort());
    expect((await answered).text).toBe("once");

    const open = new AbortController();
    const impatient = testHttp({ signal: open.signal, requestTimeoutMs: 100 });
    const hanging = impatient.request({ url: upstream.url, outlivesSlice: true });
    open.abort();
    await expect(hanging).rejects.toMatchObject({ failure: { kind: "transient" } });
  });

  test.each([false, true])("is not even called when the slice has stopped before", async (outlivesSlice) => {
    const reason = new Error("cancelled");
    const http = testHttp({ signal: AbortSignal.abort(reason) });

    await expect(http.request({ url: upstream.url, outlivesSlice })).rejects.toBe(reason);
    expect(http.usage().requests).toBe(0);
  });

  test("leaves nothing behind on a signal that outlives many requests", async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const counted = new Proxy(signal, {
      get(target, name) {
        if (name === "addEventListener") listeners += 1;
        if (name === "removeEventListener") listeners -= 1;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const http = testHttp({ signal: counted });
    await http.request({ url: upstream.url });
    await failureOf({ signal: counted, allowPrivate: false });

    expect(listeners).toBe(0);
  });
});

describe("a redirect", () => {
  const secretHeaders = { authorization: "Bearer abc", "x-api-key": "abc", "content-type": "text/x", accept: "text/y" };

  test("is followed, each hop counted, and the last address reported", async () => {
    upstream.handle(({ url }) => (url.pathname === "/old" ? redirect("/new?x=1", 301) : json({ path: url.pathname })));
    const http = testHttp();

    const response = await http.request({ url: `${upstream.url}/old`, headers: secretHeaders });

    expect(response.json()).toEqual({ path: "/new" });
    expect(response.url).toBe(`${upstream.url}/new?x=1`);
    expect(http.usage().requests).toBe(2);
    expect(upstream.requests[1]?.headers).toMatchObject({ authorization: "Bearer abc", "x-api-key": "abc" });
  });

  test("to another origin takes no credentials along", async () => {
    upstream.handle(() => redirect(`${other.url}/elsewhere`, 307));

    await testHttp().request({ url: upstream.url, method: "POST", headers: secretHeaders });

    expect(other.requests[0]).toMatchObject({ method: "POST", body: "" });
    expect(other.requests[0]?.headers).toMatchObject({
      "content-type": "text/x",
      accept: "text/y",
      "user-agent": "Sluice",
    });
    expect(other.requests[0]?.headers).not.toHaveProperty("authorization");
    expect(other.requests[0]?.headers).not.toHaveProperty("x-api-key");
  });

  test.each([307, 308])(
    "to another origin with %i is not followed with a body, which may hold them",
    async (status) => {
      upstream.handle(() => redirect(`${other.url}/elsewhere`, status));

      const failure = await failureOf({}, { method: "POST", body: "client_secret=abc" });

      expect(failure).toMatchObject({ kind: "bad_request", final: true });
      expect(other.requests).toHaveLength(0);
    },
  );

  test("does not get the credentials back by leading home again", async () => {
    upstream.handle(({ url }) => (url.pathname === "/home" ? json({}) : redirect(`${other.url}/`)));
    other.handle(() => redirect(`${upstream.url}/home`));

    await testHttp().request({ url: upstream.url, headers: secretHeaders });

    expect(upstream.requests[1]?.headers).not.toHaveProperty("authorization");
  });

  test.each([
    [301, "POST", "GET"],
    [302, "POST", "GET"],
    [303, "POST", "GET"],
    [303, "PUT", "GET"],
    [307, "POST", "POST"],
    [308, "POST", "POST"],
    [302, "PUT", "PUT"],
    [303, "GET", "GET"],
    [303, "HEAD", "HEAD"],
    [301, "HEAD", "HEAD"],
    [301, "DELETE", "DELETE"],
  ])("with %i turns %s into %s", async (status, method, expected) => {
    upstream.handle(inTurn(redirect("/there", status), json({})));
    const body = isWithoutBody(method) ? {} : { body: "x" };

    await testHttp().request({ url: upstream.url, method, ...body });

    expect(upstream.requests[1]).toMatchObject({ method: expected, body: isWithoutBody(expected) ? "" : "x" });
  });

  test("is given up after five, since it goes round in circles", async () => {
    upstream.handle(({ index }) => redirect(`/${index}`));

    expect(await failureOf({})).toMatchObject({
      kind: "bad_response",
      message: expect.stringContaining("more than 5"),
    });
    expect(upstream.requests).toHaveLength(6);
  });

  test("to a private address is not followed", async () => {
    // What looks public here answers from this machine, so that only the second address is at stake.
    const fetched: string[] = [];
    const publicFetch = (url: string, init: RequestInit) => {
      fetched.push(url);
      return fetch(upstream.url, init);
    };
    upstream.handle(() => redirect("http://169.254.169.254/latest/meta-data/"));

    const failure = await failureOf({ allowPrivate: false, fetch: publicFetch }, { url: "http://example.com/" });

    expect(failure).toMatchObject({ kind: "bad_request", final: true });
    expect(failure.message).toContain("ALLOW_PRIVATE_UPSTREAMS");
    expect(failure.message).toContain("http://example.com/");
    expect(fetched).toEqual(["http://example.com/"]);
  });

  test.each(["file:///etc/passwd", "https://user:pass@example.com/"])("to %s is not followed", async (location) => {
    upstream.handle(() => redirect(location));

    expect(await failureOf({})).toMatchObject({ kind: "bad_request", final: true });
  });

  test("from https to http is not followed, since anyone could read along", async () => {
    const { headers } = new Response(null, { headers: { location: "http://example.com/" } });
    const fetch = async () => new Response(null, { status: 302, headers });

    const failure = await failureOf({ fetch }, { url: "https://example.com/" });

    expect(failure).toMatchObject({ kind: "bad_request", final: true, message: expect.stringContaining("https") });
  });

  test.each([text("", { status: 302 }), redirect("http://")])(
    "that leads nowhere is a bad response",
    async (answer) => {
      upstream.handle(() => answer);

      expect(await failureOf({})).toMatchObject({ kind: "bad_response" });
    },
  );

  test("comes back to a source that expects it", async () => {
    upstream.handle(() => redirect("/elsewhere", 302));

    expect((await testHttp().request({ url: upstream.url, expectedStatuses: [302] })).status).toBe(302);
  });
});

describe("a caller that decides about refusals itself", () => {
  test.each([304, 401, 404, 429, 500, 503])("is handed %i back, headers and body too", async (status) => {
    const body = status === 304 ? "" : JSON.stringify({ error: "no" });
    upstream.handle(() => text(body, { status, headers: { "retry-after": "7" } }));

    const response = await testHttp().request({ url: upstream.url, anyStatus: true });

    expect(response.status).toBe(status);
    expect(response.headers.get("retry-after")).toBe("7");
    expect(response.text).toBe(body);
  });

  test("still has redirects followed, since those are not an answer", async () => {
    upstream.handle(({ url }) => (url.pathname === "/old" ? redirect("/new", 301) : json({}, { status: 410 })));

    const response = await testHttp().request({ url: `${upstream.url}/old`, anyStatus: true });

    expect([response.status, response.url]).toEqual([410, `${upstream.url}/new`]);
  });

  test("gets a large refusal cut, in mid-character if need be, and an endless one too", async () => {
    upstream.handle(inTurn(text(`x${"é".repeat(200_000)}`, { status: 500 }), begin("no ", "repeat", { status: 500 })));
    const http = testHttp();

    const large = await http.request({ url: upstream.url, anyStatus: true });
    const endless = await http.request({ url: upstream.url, anyStatus: true });

    expect(large.bytes.length).toBe(262_144);
    expect(large.text.startsWith("xéé")).toBe(true);
    expect(endless.bytes.length).toBe(262_144);
  });

  test("gets the refusal whose body breaks off, without the body", async () => {
    upstream.handle(() => begin("[", "reset", { status: 403, headers: { "content-length": "50" } }));

    const response = await testHttp().request({ url: upstream.url, anyStatus: true });

    expect([response.status, response.text]).toEqual([403, ""]);
  });

  test("does not get an answer cut that it can use: what is too large is a failure as ever", async () => {
    upstream.handle(() => text("12345"));

    await expect(
      testHttp({ maxResponseBytes: 4 }).request({ url: upstream.url, anyStatus: true }),
    ).rejects.toBeInstanceOf(ResponseTooLarge);
  });
});

describe("a binary body", () => {
  const BYTES = new Uint8Array([0x50, 0x4b, 0xff, 0x00, 0xfe]);

  test("arrives as it is; that it is not text matters to who asks for text", async () => {
    upstream.handle(() => text(BYTES));

    const response = await testHttp().request({ url: upstream.url });

    expect([...response.bytes]).toEqual([...BYTES]);
    expect(() => response.text).toThrow(/UTF-8/);
    expect(() => response.json()).toThrow(SourceFailure);
  });

  test("is sent as it is, through a redirect too", async () => {
    upstream.handle(inTurn(redirect("/there", 307), json({})));

    await testHttp().request({ method: "POST", url: upstream.url, body: new Uint8Array([0x7b, 0x7d]) });

    expect(upstream.requests[1]).toMatchObject({ method: "POST", body: "{}" });
  });
});

describe("a secret that is obtained on the way", () => {
  test("is shown by no message from then on, nor by what the source redacts itself", async () => {
    upstream.handle(({ headers }) => json({ message: `bad ${headers["authorization"]}` }, { status: 400 }));
    const http = testHttp({ secrets: ["first-secret"] });
    const messageOf = (token: string) =>
      http
        .request({ url: `${upstream.url}/${token}`, headers: { authorization: `Bearer ${token}` } })
        .catch((error: unknown) => String(error));

    expect(await messageOf("later-token")).toContain("later-token");
    http.conceal("later-token");

    expect(await messageOf("later-token")).not.toContain("later-token");
    expect(await messageOf("first-secret")).not.toContain("first-secret");
    expect(http.redact("a later-token, a first-secret")).toBe("a [redacted], a [redacted]");
  });

  test("is left alone where it is so short that hiding it would say more than showing it", () => {
    const http = testHttp();
    http.conceal("a");
    http.conceal("");

    expect(http.redact("a bad day")).toBe("a bad day");
  });
});

describe("a request that may not be sent", () => {
  test.each(["http://127.0.0.1/", "http://user:pass@example.com/", "ftp://example.com/", "not an address"])(
    "is refused for good: %s",
    async (url) => {
      const http = testHttp({ allowPrivate: false });

      expect(await failureOf({ allowPrivate: false }, { url })).toMatchObject({ kind: "bad_request", final: true });
      await expect(http.request({ url })).rejects.toThrow(SourceFailure);
      expect(http.usage().requests).toBe(0);
    },
  );

  test("names the header, not its value, where credentials can't be sent in one", async () => {
    const failure = await failureOf({}, { headers: { authorization: "Bearer line\nbreak" } });

    expect(failure).toMatchObject({ kind: "bad_request", final: true });
    expect(failure.message).toContain("authorization");
    expect(failure.message).not.toContain("line\n");
  });
});
