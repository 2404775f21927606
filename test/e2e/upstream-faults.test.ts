import { afterAll, beforeAll, describe, expect, test, type TestContext } from "vitest";

import type { JobBody } from "#http/schemas/job";
import { begin, json, redirect, reset, stall, text, type Answer } from "#test/support/scripted-upstream";
import {
  cancel,
  connect,
  countsOf,
  describeConnection,
  jobIn,
  run,
  runToEnd,
  tryToConnect,
  untilEnded,
  untilJob,
} from "./connection.ts";
import { expectFeedToGiveTheCopy, expectSameCopy, exportCopy, keyOf } from "./copy.ts";
import {
  DATABASE,
  isPage,
  onPages,
  ordinaryAnswer,
  startScriptedCouchdb,
  type ScriptedCouchdb,
} from "./scripted-couchdb.ts";
import { startSluice, type Sluice } from "./sluice.ts";

const DOCUMENTS = 120;
const PAGE_SIZE = 30;
const CREDENTIALS = { username: "reader", password: "pass-word-1" };
const HTML = "<html><head><title>Sign in</title></head><body>Please sign in.</body></html>";

let sluice: Sluice;
beforeAll(async () => {
  // Small limits make what would be long or large in production short and small here.
  sluice = await startSluice({ REQUEST_TIMEOUT_MS: "1500", MAX_RESPONSE_BYTES: "200000" });
});
afterAll(() => sluice?.close());

function input({ url }: ScriptedCouchdb, settings: object = {}) {
  return {
    short_name: "couchdb",
    config: { url, databases: [DATABASE], page_size: PAGE_SIZE },
    credentials: CREDENTIALS,
    sync_settings: { job_deadline_seconds: 20, ...settings },
  };
}

/** Ends with the test. */
async function ownCouchdb({ onTestFinished }: Pick<TestContext, "onTestFinished">): Promise<ScriptedCouchdb> {
  const couchdb = await startScriptedCouchdb(DOCUMENTS);
  onTestFinished(() => couchdb.close());
  return couchdb;
}

async function expectWholeCopy({ documents }: ScriptedCouchdb, id: string): Promise<void> {
  const expected = new Map(documents.map((document) => [keyOf(DATABASE, document.id), document.body]));
  expectSameCopy(await exportCopy(sluice, id), expected);
  await expectFeedToGiveTheCopy(sluice, id);
}

/** Answers the second page wrongly once, then everything well. */
const secondPageOnce = (answer: Answer) => onPages((page) => (page === 2 ? answer : null));

describe.concurrent("what passes is tried again, and nothing is lost, doubled or deleted", () => {
  const page = JSON.stringify({ results: [], last_seq: "120-x" });
  test.for<[string, () => Answer]>([
    [
      "429 with Retry-After in seconds",
      () => json({ error: "slow down" }, { status: 429, headers: { "retry-after": "1" } }),
    ],
    [
      "429 with Retry-After as a date",
      () => json({}, { status: 429, headers: { "retry-after": new Date(Date.now() + 2_000).toUTCString() } }),
    ],
    ["429 that says nothing more", () => json({}, { status: 429 })],
    ["403 of a rate limit", () => json({}, { status: 403, headers: { "retry-after": "1" } })],
    ["500", () => text("oops", { status: 500 })],
    ["503 with Retry-After", () => text("", { status: 503, headers: { "retry-after": "1" } })],
    ["a reset connection", () => reset],
    ["a connection that breaks off in the middle of the body", () => begin(page.slice(0, 20), "reset")],
    ["an answer that stops in the middle and stays open", () => begin(page.slice(0, 20), "stall")],
    ["no answer at all", () => stall],
    ["truncated JSON", () => text(page.slice(0, -3), { headers: { "content-type": "application/json" } })],
    ["malformed JSON", () => text("{'results': []}", { headers: { "content-type": "application/json" } })],
    ["HTML with status 200", () => text(HTML, { headers: { "content-type": "text/html" } })],
    ["JSON of another shape", () => json({ hello: "world" })],
    ["bytes that are not text", () => text(new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]))],
    ["an empty body", () => text("")],
  ])("%s", async ([, answer], context) => {
    const couchdb = await ownCouchdb(context);
    const { id } = await connect(sluice, input(couchdb));
    couchdb.misbehave(secondPageOnce(answer()));
    const job = await runToEnd(sluice, id);
    expect(job).toMatchObject({ status: "COMPLETED", error: null });
    expect(countsOf(job)).toEqual({ inserted: DOCUMENTS, updated: 0, deleted: 0, kept: 0, failed: 0 });
    await expectWholeCopy(couchdb, id);
  });

  test("Retry-After is honoured, and the job says until when it waits and why", async (context) => {
    const couchdb = await ownCouchdb(context);
    const { id } = await connect(sluice, input(couchdb));
    couchdb.misbehave(secondPageOnce(json({}, { status: 429, headers: { "retry-after": "2" } })));
    const started = await run(sluice, id);
    const waiting = await untilJob(sluice, started, "waits", ({ waiting_until }) => waiting_until !== null);
    expect(waiting).toMatchObject({ status: "RUNNING", waiting_reason: expect.stringContaining("429") });
    expect(waiting.entities_inserted).toBe(PAGE_SIZE);
    const before = couchdb.requests.length;
    const until429 = Date.parse(waiting.waiting_until ?? "");
    await couchdb.nextRequest();
    expect(couchdb.requests.length).toBe(before + 1);
    expect(Date.now()).toBeGreaterThanOrEqual(until429);
    expect(await untilEnded(sluice, started)).toMatchObject({ status: "COMPLETED" });
  });
});

describe.concurrent("what stays ends FAILED, with an error to act on", () => {
  test.for<[string, JobBody["error_category"], RegExp, () => Answer]>([
    [
      "401",
      "api_key_invalid",
      /401.*Name or password is incorrect/,
      () => couchError(401, "Name or password is incorrect."),
    ],
    ["403", "permission_denied", /403.*not allowed/, () => couchError(403, "You are not allowed to access this db.")],
    ["404", "not_found", /404.*Database does not exist/, () => couchError(404, "Database does not exist.")],
    ["400", "bad_request", /400.*Malformed/, () => couchError(400, "Malformed sequence.")],
    ["500", "source_unavailable", /500/, () => text("oops", { status: 500 })],
    ["429 for longer than the job may last", "rate_limited", /429.*deadline/, () => tooMany("3600")],
    ["a reset connection", "source_unavailable", /no connection to/, () => reset],
    [
      "HTML with status 200",
      "bad_response",
      /not JSON.*Sign in/,
      () => text(HTML, { headers: { "content-type": "text/html" } }),
    ],
    [
      "truncated JSON",
      "bad_response",
      /not JSON/,
      () => text(`{"results":[`, { headers: { "content-type": "application/json" } }),
    ],
    [
      "a body that never ends",
      "bad_response",
      /more than 200000 bytes.*MAX_RESPONSE_BYTES/,
      () => begin("x".repeat(10_000), "repeat"),
    ],
    ["redirects that go round", "bad_response", /redirected more than 5 times/, () => redirect("?again")],
  ])("%s", async ([, category, error, answer], context) => {
    const couchdb = await ownCouchdb(context);
    const { id } = await connect(sluice, input(couchdb, { job_deadline_seconds: 3 }));
    couchdb.misbehave(onPages((page) => (page >= 2 ? answer() : null)));
    const job = await runToEnd(sluice, id);
    expect(job.status).toBe("FAILED");
    // The deadline may pass while the job waits for its next attempt; then it says so, and what it waited for.
    const categories = isTriedAgain(category) ? [category, "deadline_exceeded"] : [category];
    expect(categories).toContain(job.error_category);
    expect(job.error).toMatch(error);
    expect(job.error).not.toContain(CREDENTIALS.password);
    // What was committed stays, and the next job goes on to the whole.
    expect(countsOf(job)).toEqual({ inserted: PAGE_SIZE, updated: 0, deleted: 0, kept: 0, failed: 0 });
    expect((await describeConnection(sluice, id)).status).toBe(
      category === "api_key_invalid" ? "needs_reauth" : "error",
    );
    couchdb.behave();
    const next = await runToEnd(sluice, id);
    expect(next).toMatchObject({ status: "COMPLETED", entities_deleted: 0 });
    expect(next.entities_inserted).toBe(DOCUMENTS - PAGE_SIZE);
    await expectWholeCopy(couchdb, id);
  });

  test("a page token that loops is noticed, not followed for ever", async (context) => {
    const couchdb = await ownCouchdb(context);
    const { id } = await connect(sluice, input(couchdb));
    couchdb.misbehave((request) => {
      if (!isPage(request) || request.url.searchParams.get("since") === "0") return null;
      const since = request.url.searchParams.get("since");
      return json({
        results: [{ seq: since, id: "again", changes: [{ rev: "1-a" }], doc: { _id: "again" } }],
        last_seq: since,
        pending: 9,
      });
    });
    const before = couchdb.requests.length;
    const job = await runToEnd(sluice, id);
    expect(job).toMatchObject({ status: "FAILED", error_category: "bad_response" });
    expect(job.error).toMatch(/goes round in circles/);
    expect(couchdb.requests.length - before).toBeLessThan(10);
  });
});

describe.concurrent("nothing is falsely deleted", () => {
  test.for<[string, (page: number) => Answer | null]>([
    ["breaks off", (page) => (page >= 3 ? reset : null)],
    ["is answered with HTML", (page) => (page >= 3 ? text(HTML) : null)],
    ["is refused", (page) => (page >= 3 ? couchError(403, "no") : null)],
  ])("by a full sync whose third page %s", async ([, answer], context) => {
    const couchdb = await ownCouchdb(context);
    const { id } = await connect(sluice, input(couchdb, { job_deadline_seconds: 3 }));
    await runToEnd(sluice, id);
    couchdb.misbehave(onPages(answer));
    const job = await runToEnd(sluice, id, "?force_full_sync=true");
    expect(job).toMatchObject({ status: "FAILED", entities_deleted: 0, entities_kept: 2 * PAGE_SIZE });
    await expectWholeCopy(couchdb, id);
  });

  test("by a full sync that is cancelled", async (context) => {
    const couchdb = await ownCouchdb(context);
    const { id } = await connect(sluice, input(couchdb));
    await runToEnd(sluice, id);
    couchdb.misbehave(onPages((page) => (page >= 3 ? stall : null)));
    const job = await run(sluice, id, "?force_full_sync=true");
    await untilJob(sluice, job, "has pages", ({ entities_kept }) => entities_kept === 2 * PAGE_SIZE);
    await cancel(sluice, id, job.id);
    expect(await untilEnded(sluice, job)).toMatchObject({ status: "CANCELLED", entities_deleted: 0 });
    await expectWholeCopy(couchdb, id);
  });

  test("by a listing that is suddenly empty: held back until somebody confirms it", async (context) => {
    const couchdb = await ownCouchdb(context);
    const { id } = await connect(sluice, input(couchdb));
    await runToEnd(sluice, id);
    couchdb.misbehave((request) => (isPage(request) ? ordinaryAnswer([], request) : null));
    const held = await runToEnd(sluice, id, "?force_full_sync=true");
    expect(held).toMatchObject({ status: "FAILED", error_category: "deletes_held_back", entities_deleted: 0 });
    expect(held.error).toMatch(/120 of the 120.*confirm_deletes=true/);
    await expectWholeCopy(couchdb, id);
    const confirmed = await runToEnd(sluice, id, "?force_full_sync=true&confirm_deletes=true");
    expect(confirmed).toMatchObject({ status: "COMPLETED", entities_deleted: DOCUMENTS });
    expect((await exportCopy(sluice, id)).size).toBe(0);
    await expectFeedToGiveTheCopy(sluice, id);
  });
});

describe("an upstream that hangs", () => {
  test.for<[string, Answer]>([
    ["without an answer", stall],
    ["in the middle of its answer", begin(`{"results":[`, "stall")],
    ["while it asks to wait", tooMany("15")],
  ])("%s: cancel reaches CANCELLED within a second, and the job stays cancelled", async ([, answer], context) => {
    const couchdb = await ownCouchdb(context);
    const { id } = await connect(sluice, input(couchdb));
    couchdb.misbehave(secondPageOnce(answer));
    const job = await run(sluice, id);
    await untilJob(sluice, job, "has its first page", ({ entities_inserted }) => entities_inserted === PAGE_SIZE);
    const askedAt = Date.now();
    jobIn(await cancel(sluice, id, job.id));
    const cancelled = await untilEnded(sluice, job);
    expect(cancelled.status).toBe("CANCELLED");
    expect(Date.now() - askedAt).toBeLessThan(1_000);
    couchdb.behave();
    expect(await runToEnd(sluice, id)).toMatchObject({ status: "COMPLETED", entities_inserted: DOCUMENTS - PAGE_SIZE });
    await expectWholeCopy(couchdb, id);
  });
});

describe("creating a connection", () => {
  test.for<[string, number, RegExp, () => Answer]>([
    ["refuses the credentials", 400, /401.*incorrect/, () => couchError(401, "Name or password is incorrect.")],
    ["forbids the database", 400, /403/, () => couchError(403, "no")],
    ["does not know the database", 400, /no database "docs"/, () => couchError(404, "Database does not exist.")],
    ["is down", 502, /503/, () => text("", { status: 503 })],
    ["breaks off", 400, /no connection/, () => reset],
    ["does not answer", 502, /1.5 s/, () => stall],
    ["is no CouchDB", 502, /not JSON/, () => text(HTML)],
    ["has no time", 429, /429/, () => tooMany("7")],
  ])("at a source that %s is refused, and leaves nothing", async ([, status, detail, answer], context) => {
    const couchdb = await ownCouchdb(context);
    const before = (await sluice.call("GET", "/source-connections?limit=1000")).body;
    couchdb.misbehave(answer);
    const refused = await tryToConnect(sluice, input(couchdb));
    expect(refused).toMatchObject({ status, body: { detail: expect.stringMatching(detail) } });
    expect(refused.text).not.toContain(CREDENTIALS.password);
    expect(refused.headers.get("retry-after")).toBe(status === 429 ? "7" : null);
    expect((await sluice.call("GET", "/source-connections?limit=1000")).body).toEqual(before);
  });
});

describe("where private addresses are not permitted", () => {
  let guarded: Sluice;
  beforeAll(async () => {
    guarded = await startSluice({ ALLOW_PRIVATE_UPSTREAMS: "false" });
  });
  afterAll(() => guarded?.close());

  test.for([
    "http://127.0.0.1:5984",
    "http://localhost:5984",
    "http://[::1]:5984",
    "http://169.254.169.254",
    "http://2130706433",
    "http://couch.internal",
  ])("a connection to %s is a 400 that names the reason, and nothing is sent", async (url) => {
    const answer = await tryToConnect(guarded, {
      short_name: "couchdb",
      config: { url, databases: [DATABASE] },
      credentials: CREDENTIALS,
    });
    expect(answer).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/private or local address; set ALLOW_PRIVATE_UPSTREAMS/) },
    });
  });

  test("also this machine's, which answers", async (context) => {
    const couchdb = await ownCouchdb(context);
    const before = couchdb.requests.length;
    expect(await tryToConnect(guarded, input(couchdb))).toMatchObject({ status: 400 });
    expect(couchdb.requests.length).toBe(before);
  });
});

test("one database that fails neither stops nor undoes another", async (context) => {
  const couchdb = await ownCouchdb(context);
  const { id } = await connect(sluice, {
    ...input(couchdb, { job_deadline_seconds: 3 }),
    config: { url: couchdb.url, databases: [DATABASE, "other"], page_size: PAGE_SIZE },
  });
  couchdb.misbehave((request) =>
    isPage(request) && request.url.pathname.startsWith("/other") ? couchError(403, "Not yours.") : null,
  );
  const job = await runToEnd(sluice, id);
  expect(job).toMatchObject({ status: "FAILED", error_category: "permission_denied", entities_inserted: DOCUMENTS });
  expect(job.error).toMatch(/Stream "other".*Not yours/);
  expect(job.error_details?.streams.map(({ stream }) => stream)).toEqual(["other"]);
  expect((await exportCopy(sluice, id)).size).toBe(DOCUMENTS);
});

function isTriedAgain(category: JobBody["error_category"]): boolean {
  return category === "source_unavailable" || category === "bad_response";
}

function couchError(status: number, reason: string): Answer {
  return json({ error: "error", reason }, { status });
}

function tooMany(retryAfter: string): Answer {
  return json({ error: "too_many_requests" }, { status: 429, headers: { "retry-after": retryAfter } });
}
