import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { hookAnswerSchema, webhookSchema, type HookAnswerBody, type WebhookBody } from "#http/schemas/webhook";
import { connect, listJobs, run, untilEnded, untilJob } from "./connection.ts";
import { startSluice, type Answer, type Sluice } from "./sluice.ts";
import { until } from "./until.ts";

const GITHUB_SECRET = "It's a Secret to Everybody";
const ISSUE_OPENED = JSON.stringify({ action: "opened", issue: { number: 1, title: "Räksmörgås 🦐" } });
/** A restart takes seconds. */

let sluice: Sluice;
beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(async () => {
  await sluice?.close();
});

async function connectStub(): Promise<string> {
  const config = { entity_count: 3 };
  return (await connect(sluice, { short_name: "incremental_stub", config, credentials: { stub_key: "key" } })).id;
}

async function connectTimed(seconds: number): Promise<string> {
  const config = { entity_count: 5, duration_seconds: seconds };
  return (await connect(sluice, { short_name: "timed", config, credentials: { timed_key: "key" } })).id;
}

/** Gives the connection an inbound address, and answers with its path after `/v1`. */
async function hook(id: string, settings: Readonly<Record<string, unknown>>): Promise<string> {
  const answer = await sluice.call("POST", `/source-connections/${id}/webhook`, { body: settings });
  expect(answer.status).toBe(200);
  const { url } = webhookSchema.parse(answer.body);
  if (url === null) throw new Error("The address is not shown.");
  return url;
}

async function deliver(url: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const response = await fetch(url, { method: "POST", body, headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
}

function accepted(answer: Answer): HookAnswerBody {
  expect(answer).toMatchObject({ status: 202 });
  return hookAnswerSchema.parse(answer.body);
}

async function described(id: string): Promise<WebhookBody> {
  return webhookSchema.parse((await sluice.call("GET", `/source-connections/${id}/webhook`)).body);
}

function byGitHub(body: string, delivery: string = randomUUID(), secret = GITHUB_SECRET): Record<string, string> {
  return {
    "content-type": "application/json",
    "user-agent": "GitHub-Hookshot/044aadd",
    "x-github-event": "issues",
    "x-github-delivery": delivery,
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
  };
}

describe("a sender's delivery over HTTP", () => {
  test("signed as GitHub does starts a sync; sent again it does nothing; forged it is refused", async () => {
    const id = await connectStub();
    const url = await hook(id, { verification: { scheme: "github", secrets: [GITHUB_SECRET] } });
    const headers = byGitHub(ISSUE_OPENED);

    const { status, job, delivery_id } = accepted(await deliver(url, ISSUE_OPENED, headers));
    expect([status, delivery_id]).toEqual(["started", headers["x-github-delivery"]]);
    if (job === null) throw new Error("There is no job.");
    expect(await untilEnded(sluice, job)).toMatchObject({ status: "COMPLETED", trigger: "webhook" });

    expect(accepted(await deliver(url, ISSUE_OPENED, headers))).toMatchObject({ status: "duplicate", job: null });
    expect((await deliver(url, `${ISSUE_OPENED} `, headers)).status).toBe(401);
    expect((await deliver(url, ISSUE_OPENED, byGitHub(ISSUE_OPENED, "x", "wrong"))).status).toBe(401);
    expect(await listJobs(sluice, id)).toHaveLength(1);
    const { counts, deliveries } = await described(id);
    expect(counts).toMatchObject({ started: 1, duplicate: 1, refused: 2 });
    expect(deliveries.map(({ outcome }) => outcome)).toEqual(["refused", "refused", "duplicate", "started"]);
  });

  test.each([
    ["standardwebhooks", "webhook", (secret: string) => new Webhook(secret)],
    ["svix", "svix", (secret: string) => new SvixWebhook(secret)],
  ])("signed by the library %s starts a sync, and a stale one is refused", async (_library, prefix, signer) => {
    const secret = `whsec_${randomBytes(24).toString("base64")}`;
    const id = await connectStub();
    const url = await hook(id, { verification: { scheme: "standard-webhooks", secrets: [secret] } });
    const send = (messageId: string, at: Date) =>
      deliver(url, ISSUE_OPENED, {
        [`${prefix}-id`]: messageId,
        [`${prefix}-timestamp`]: String(Math.floor(at.getTime() / 1000)),
        [`${prefix}-signature`]: signer(secret).sign(messageId, at, ISSUE_OPENED),
      });
    expect(accepted(await send("msg_1", new Date()))).toMatchObject({ status: "started", delivery_id: "msg_1" });
    expect((await send("msg_2", new Date(Date.now() - 310_000))).status).toBe(400);
  });

  test("that does not meet the condition starts nothing", async () => {
    const id = await connectStub();
    const condition = "contains(['opened', 'reopened'], action) && issue.number > `0`";
    const url = await hook(id, { verification: { scheme: "github", secrets: [GITHUB_SECRET] }, condition });
    const closed = JSON.stringify({ action: "closed", issue: { number: 1 } });
    expect(accepted(await deliver(url, closed, byGitHub(closed)))).toMatchObject({ status: "filtered" });
    expect(await listJobs(sluice, id)).toEqual([]);
    expect(accepted(await deliver(url, ISSUE_OPENED, byGitHub(ISSUE_OPENED)))).toMatchObject({ status: "started" });
  });

  test("is refused where the address is old, the body too large or the method another", async () => {
    const id = await connectStub();
    const url = await hook(id, { verification: { scheme: "none" } });
    expect((await deliver(url, "x".repeat(1_000_001))).status).toBe(413);
    expect((await fetch(url)).status).toBe(405);
    const rotated = await sluice.call("POST", `/source-connections/${id}/webhook/rotate`);
    expect((await deliver(url, "{}")).status).toBe(404);
    expect(accepted(await deliver(webhookSchema.parse(rotated.body).url ?? "", "{}")).status).toBe("started");
    await sluice.call("DELETE", `/source-connections/${id}/webhook`);
    expect((await sluice.call("GET", `/source-connections/${id}/webhook`)).status).toBe(404);
  });
});

test("a thousand deliveries while a job runs lead to one more, which begins to read after the last of them", async () => {
  const id = await connectTimed(60);
  const url = await hook(id, { verification: { scheme: "github", secrets: [GITHUB_SECRET] } });
  const running = await run(sluice, id);
  await untilJob(sluice, running, "runs", ({ status }) => status === "RUNNING");
  const answers = await Promise.all(
    Array.from({ length: 1_000 }, () => deliver(url, ISSUE_OPENED, byGitHub(ISSUE_OPENED))),
  );
  expect(new Set(answers.map((answer) => accepted(answer).status))).toEqual(new Set(["queued"]));
  const { counts, deliveries } = await described(id);
  expect(counts["queued"]).toBe(1_000);

  await sluice.call("POST", `/source-connections/${id}/jobs/${running.id}/cancel`);
  const jobs = await until("the follow-up has begun", async () => {
    const listed = await listJobs(sluice, id);
    return listed[0]?.started_at !== null && listed.length > 1 ? listed : null;
  });
  expect(jobs.map(({ trigger }) => trigger)).toEqual(["webhook", "manual"]);
  expect(Date.parse(jobs[0]?.started_at ?? "")).toBeGreaterThanOrEqual(Date.parse(deliveries[0]?.at ?? ""));
  await sluice.call("DELETE", `/source-connections/${id}`);
});

test("a debounced delivery that was answered with 202 leads to its sync, though the Worker is killed before it is due", async () => {
  const id = await connectStub();
  const url = await hook(id, { verification: { scheme: "none" }, debounce_seconds: 5 });
  expect(accepted(await deliver(url, "{}"))).toMatchObject({ status: "debounced", job: null });
  await sluice.kill();
  await sluice.start();
  // Nothing but its alarm wakes the object: the list that is looked at is D1's.
  await until("the sync has run", async () => {
    const listed = await sluice.call("GET", "/source-connections?limit=1000");
    const found = Array.isArray(listed.body) ? listed.body.find((connection) => connection.id === id) : null;
    return found?.entity_count === 4;
  });
  expect(await listJobs(sluice, id)).toMatchObject([{ trigger: "webhook", status: "COMPLETED" }]);
  expect((await described(id)).counts).toMatchObject({ debounced: 1 });
});

test("neither the address nor a secret is in anything that is read later", async () => {
  const id = await connectStub();
  const secret = "a-secret-that-nobody-sees";
  const url = await hook(id, { verification: { scheme: "gitlab", secrets: [secret] } });
  await deliver(url, '{"in":"the body"}', { "x-gitlab-token": secret });
  await deliver(url, '{"in":"the body"}', { "x-gitlab-token": "wrong" });
  const { text } = await sluice.call("GET", `/source-connections/${id}/webhook`);
  const token = new URL(url).pathname.split("/").at(-1) ?? "";
  for (const hidden of [secret, token, "the body"]) expect(text).not.toContain(hidden);
});
