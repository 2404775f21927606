import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";

import { json, redirect, text, type Answer, type SeenRequest } from "#test/support/scripted-upstream";
import { connect, describeConnection, readJob, runToEnd, tryToConnect } from "./connection.ts";
import { exportCopy } from "./copy.ts";
import { DATABASE, startScriptedCouchdb, type ScriptedCouchdb } from "./scripted-couchdb.ts";
import { contentsOf, expectNoSecretIn } from "./secret-forms.ts";
import { receiveWebhooks, type WebhookReceiver } from "./webhook-receiver.ts";
import { until } from "./until.ts";
import { startSluice, type Sluice } from "./sluice.ts";

/*
 * A credential goes in, is used, fails, is repeated by a source that has no manners, and comes out nowhere: not in an
 * answer, not in what the Worker prints, not in any file that it keeps.
 */

/** Characters that look different in JSON, in a URL and in base64, also those of its base64 itself: each is looked for. */
const PASSWORD = 'p@ss/w0rd+"quoted??>"&more=SECR3T>~~';
const USERNAME = "secrets-reader";
const TOKEN = "tok_SECR3T_abcdefghijklmnopqrstuvwxyz0123456789";
const REPLACED = "replaced-SECR3T-password-0123456789";
/** What a provider signs its deliveries to us with, and what we sign ours with. */
const HOOK_SECRET = "hook-SECR3T-0123456789-abcdefghijkl";
const SIGNING_SECRET = `whsec_${base64("signing-SECR3T-0123456789-abcdef")}`;

let sluice: Sluice;
let couchdb: ScriptedCouchdb;
let receiver: WebhookReceiver;
let issuedKey: string;
/** Every text that an answer brought. */
const answers: string[] = [];

beforeAll(async () => {
  couchdb = await startScriptedCouchdb(20);
  receiver = await receiveWebhooks();
  sluice = await startSluice();
});
afterAll(async () => {
  await sluice?.close();
  await couchdb?.close();
  await receiver?.close();
});

test("a credential is used to read the source, and shown nowhere", async () => {
  const config = { url: couchdb.url, databases: [DATABASE], page_size: 5 };
  const sync_settings = { job_deadline_seconds: 2 };
  const input = { short_name: "couchdb", config, sync_settings };
  const { id } = await connect(sluice, { ...input, credentials: { username: USERNAME, password: PASSWORD } });
  const hook = { verification: { scheme: "github", secrets: [HOOK_SECRET] } };
  answers.push((await sluice.call("POST", `/source-connections/${id}/webhook`, { body: hook })).text);
  const subscription = { url: receiver.address, event_types: ["sync.failed"], secret: SIGNING_SECRET };
  expect((await sluice.call("POST", "/webhooks/subscriptions", { body: subscription })).status).toBe(200);
  const byToken = await connect(sluice, { ...input, credentials: { token: TOKEN } });
  expect(await runToEnd(sluice, id)).toMatchObject({ status: "COMPLETED", entities_inserted: 20 });
  expect(await runToEnd(sluice, byToken.id)).toMatchObject({ status: "COMPLETED", entities_inserted: 20 });
  expect((await exportCopy(sluice, id)).size).toBe(20);
  const sent = couchdb.requests.map(({ headers }) => headers["authorization"]);
  expect(sent).toContain(`Basic ${base64(`${USERNAME}:${PASSWORD}`)}`);
  expect(sent).toContain(`Bearer ${TOKEN}`);

  // A source that repeats what it was sent, in every place that may end up in an error.
  for (const answer of REPEATING) {
    couchdb.misbehave((request) => answer(whatWasSent(request)));
    for (const connection of [id, byToken.id]) {
      const job = await runToEnd(sluice, connection, "?force_full_sync=true");
      expect(job.status).toBe("FAILED");
      answers.push(JSON.stringify(await readJob(sluice, connection, job.id)));
      answers.push(JSON.stringify(await describeConnection(sluice, connection)));
      for (const what of ["log", "events"]) {
        const told = await sluice.call("GET", `/source-connections/${connection}/jobs/${job.id}/${what}`);
        expect(told).toMatchObject({ status: 200, text: expect.stringContaining("failed") });
        answers.push(told.text);
      }
    }
    const refused = await tryToConnect(sluice, { ...input, credentials: { token: TOKEN } });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    answers.push(refused.text);
  }
  couchdb.behave();

  const patched = await sluice.call("PATCH", `/source-connections/${id}`, {
    body: { authentication: { credentials: { username: USERNAME, password: REPLACED } } },
  });
  expect(patched.status).toBe(200);
  answers.push(patched.text);
  const key = await sluice.call("POST", "/api-keys", { body: { name: "Shown once" } });
  issuedKey = z.object({ key: z.string() }).parse(key.body).key;

  const paths = [`/source-connections/${id}`, `/source-connections/${id}/jobs`, "/source-connections", "/api-keys"];
  for (const path of [...paths, `/source-connections/${id}/changes`, "/sources", "/sources/couchdb"]) {
    answers.push((await sluice.call("GET", path)).text);
  }
  for (const path of ["/docs", "/openapi.json", "/health"]) {
    answers.push(await (await fetch(sluice.address + path)).text());
  }
  for (const path of [`/source-connections/${id}/webhook`, "/webhooks/subscriptions", "/webhooks/messages"]) {
    answers.push((await sluice.call("GET", path)).text);
  }
  const metrics = await fetch(`${sluice.address}/metrics`, { headers: { authorization: `Bearer ${sluice.apiKey}` } });
  answers.push(await metrics.text());
  expectNoSecret("an answer", answers);

  const failures = REPEATING.length * 2;
  await until("every failure is delivered", async () => receiver.delivered.length >= failures);
  const delivered = receiver.delivered.map(({ headers, body }) => `${JSON.stringify(headers)} ${body}`);
  expectNoSecret("a delivery", delivered);
});

test("what the Worker prints has no secret in it", () => {
  expect(sluice.log.some((line) => line.includes("request_answered"))).toBe(true);
  expectNoSecret("the log", sluice.log);
});

test("the files of D1 and of the objects have no secret in them, while it runs and after it ended", async () => {
  const look = () => {
    const contents = contentsOf(sluice.stateDirectory);
    expect(contents.filter((content) => content.startsWith("SQLite format 3")).length).toBeGreaterThan(1);
    expect(contents.some((content) => content.includes("doc-0001"))).toBe(true);
    expectNoSecret("a file", contents);
  };
  look();
  await sluice.kill();
  look();
});

const REPEATING: readonly ((said: string) => Answer)[] = [
  (said) => json({ error: "unauthorized", reason: `Wrong: ${said}` }, { status: 401 }),
  (said) => json({ error: "forbidden", message: said, detail: said }, { status: 403 }),
  (said) => text(`<html><body>${said}</body></html>`, { headers: { "content-type": `text/html; x="${said}"` } }),
  (said) => redirect(`/login?password=${encodeURIComponent(said)}`),
  (said) => redirect(`http://${encodeURIComponent(said)}@127.0.0.1:1/${encodeURIComponent(said)}`),
];

/** The credentials as the source knows them: decoded from the header, and the header itself, also as others write it. */
function whatWasSent({ headers }: SeenRequest): string {
  const header = headers["authorization"] ?? "";
  const [, encoded = ""] = header.split(" ");
  const decoded = header.startsWith("Basic") ? Buffer.from(encoded, "base64").toString("utf8") : encoded;
  const password = decoded.slice(decoded.indexOf(":") + 1);
  return [decoded, password, header, encodeURIComponent(header), header.replaceAll("/", String.raw`\/`)].join(" ");
}

function expectNoSecret(what: string, texts: readonly string[]): void {
  const secrets = [PASSWORD, TOKEN, REPLACED, HOOK_SECRET, SIGNING_SECRET, sluice.apiKey, issuedKey];
  expectNoSecretIn(what, texts, secrets, [USERNAME]);
}

function base64(plain: string): string {
  return Buffer.from(plain, "utf8").toString("base64");
}
