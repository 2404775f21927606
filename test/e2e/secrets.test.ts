import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";

import { readApiDocument } from "#test/fuzz/api-document";
import { addressOf } from "#test/fuzz/fuzz-request";
import { rightRequest } from "#test/fuzz/right-request";
import {
  json,
  redirect,
  startUpstream,
  text,
  type Answer,
  type ScriptedUpstream,
  type SeenRequest,
} from "#test/support/scripted-upstream";
import { accessTo, sluiceCommand } from "./command-line.ts";
import { connect, describeConnection, listJobs, readJob, run, runToEnd, tryToConnect } from "./connection.ts";
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
const GITHUB_TOKEN = "ghp_SECR3T_abcdefghijklmnopqrstuvwxyz01";
const REPLACED = "replaced-SECR3T-password-0123456789";
/** What a provider signs its deliveries to us with, and what we sign ours with. */
const HOOK_SECRET = "hook-SECR3T-0123456789-abcdefghijkl";
const SIGNING_SECRET = `whsec_${base64("signing-SECR3T-0123456789-abcdef")}`;

let sluice: Sluice;
let couchdb: ScriptedCouchdb;
let github: ScriptedUpstream;
let receiver: WebhookReceiver;
let issuedKey: string;
/** Every text that an answer brought. */
const answers: string[] = [];

beforeAll(async () => {
  couchdb = await startScriptedCouchdb(20);
  github = await startUpstream(ordinaryGithub);
  receiver = await receiveWebhooks();
  sluice = await startSluice();
});
afterAll(async () => {
  await sluice?.close();
  await couchdb?.close();
  await github?.close();
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
  const subscribed = await sluice.call("POST", "/webhooks/subscriptions", { body: subscription });
  expect(subscribed.status).toBe(200);
  const byToken = await connect(sluice, { ...input, credentials: { token: TOKEN } });
  const ofGithub = {
    short_name: "github",
    config: { api_url: github.url, repositories: ["octo/one"] },
    credentials: { personal_access_token: GITHUB_TOKEN },
    sync_settings,
  };
  const issues = await connect(sluice, ofGithub);
  expect(await runToEnd(sluice, id)).toMatchObject({ status: "COMPLETED", entities_inserted: 20 });
  expect(await runToEnd(sluice, byToken.id)).toMatchObject({ status: "COMPLETED", entities_inserted: 20 });
  expect(await runToEnd(sluice, issues.id)).toMatchObject({ status: "COMPLETED" });
  expect((await exportCopy(sluice, id)).size).toBe(20);
  const sent = couchdb.requests.map(({ headers }) => headers["authorization"]);
  expect(sent).toContain(`Basic ${base64(`${USERNAME}:${PASSWORD}`)}`);
  expect(sent).toContain(`Bearer ${TOKEN}`);
  expect(github.requests.map(({ headers }) => headers["authorization"])).toContain(`token ${GITHUB_TOKEN}`);

  // A source that repeats what it was sent, in every place that may end up in an error.
  for (const answer of REPEATING) {
    couchdb.misbehave((request) => answer(whatWasSent(request)));
    github.handle((request) => answer(whatWasSent(request)));
    for (const connection of [id, byToken.id, issues.id]) {
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
    for (const again of [{ ...input, credentials: { token: TOKEN } }, ofGithub]) {
      const refused = await tryToConnect(sluice, again);
      expect(refused.status).toBeGreaterThanOrEqual(400);
      answers.push(refused.text);
    }
  }
  answers.push(...(await printedAbout(issues.id)));
  couchdb.behave();
  github.handle(ordinaryGithub);

  const patched = await sluice.call("PATCH", `/source-connections/${id}`, {
    body: { authentication: { credentials: { username: USERNAME, password: REPLACED } } },
  });
  expect(patched.status).toBe(200);
  answers.push(patched.text);
  const key = await sluice.call("POST", "/api-keys", { body: { name: "Shown once" } });
  issuedKey = z.object({ key: z.string() }).parse(key.body).key;

  const { id: subscriptionId } = idSchema.parse(subscribed.body);
  const [job] = await listJobs(sluice, id);
  const failures = REPEATING.length * 3;
  await until("every failure is delivered", async () => receiver.delivered.length >= failures);
  const messages = idSchema.array().parse((await sluice.call("GET", "/webhooks/messages")).body);
  const names = new Map([
    ["source-connections", id],
    ["job_id", job?.id ?? ""],
    ["stream", DATABASE],
    ["entity_id", "doc-0001"],
    ["readable_id", "default"],
    ["short_name", "couchdb"],
    ["subscriptions", subscriptionId],
    ["messages", messages[0]?.id ?? ""],
  ]);
  answers.push(...(await everythingReadable(names)));
  answers.push(await (await fetch(`${sluice.address}/docs`)).text());
  answers.push(...(await deletedMeanwhile(byToken.id)));
  for (const { id: messageId } of idSchema.array().parse((await sluice.call("GET", "/webhooks/messages")).body)) {
    answers.push((await sluice.call("GET", `/webhooks/messages/${messageId}?include_attempts=true`)).text);
  }
  expectNoSecret("an answer", answers);

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

const idSchema = z.object({ id: z.string() });

function ordinaryGithub({ url }: SeenRequest): Answer {
  return json(url.pathname === "/repos/octo/one" ? { id: 1, full_name: "octo/one" } : []);
}

/** What every operation that reads says about what these names are of. */
async function everythingReadable(names: ReadonlyMap<string, string>): Promise<string[]> {
  const document = readApiDocument(await (await fetch(`${sluice.address}/openapi.json`)).json());
  const reading = document.operations.filter(({ method }) => method === "GET");
  expect(reading.length).toBeGreaterThan(25);
  const texts: string[] = [];
  for (const operation of reading) {
    const address = addressOf(rightRequest(operation, receiver.address, 0), ({ kind }) => names.get(kind) ?? "none");
    const response = await fetch(sluice.address + address, { headers: { authorization: `Bearer ${sluice.apiKey}` } });
    expect({ address, status: response.status }).toEqual({ address, status: 200 });
    texts.push(await response.text());
  }
  return texts;
}

/** What `sluice` prints, for programs and for people, while the source misbehaves. */
async function printedAbout(id: string): Promise<string[]> {
  const commands = [
    ["connections", "list"],
    ["connections", "get", id],
    ["jobs", id],
    ["jobs", id, "--log"],
    ["run", id],
  ];
  const texts: string[] = [];
  for (const command of commands) {
    const { stdout, stderr } = await sluiceCommand([...command, "--json"], { env: accessTo(sluice) });
    expect({ command, stdout }).toEqual({ command, stdout: expect.stringMatching(/^[[{]/) });
    texts.push(stdout, stderr);
  }
  const forPeople = await sluiceCommand(["run", id], { env: accessTo(sluice) });
  return [...texts, forPeople.stdout, forPeople.stderr];
}

/** What a watcher is told of a job whose connection is deleted while its source fails. */
async function deletedMeanwhile(id: string): Promise<string[]> {
  couchdb.misbehave((request) => json({ error: whatWasSent(request) }, { status: 503 }));
  const asked = couchdb.nextRequest();
  const job = await run(sluice, id);
  await asked;
  const watched = sluice.call("GET", `/source-connections/${id}/jobs/${job.id}/events`);
  const deleted = await sluice.call("DELETE", `/source-connections/${id}`);
  expect(deleted.status).toBe(200);
  const texts = [deleted.text, (await watched).text];
  couchdb.behave();
  return texts;
}

/** The credentials as the source knows them: decoded from the header, and the header itself, also as others write it. */
function whatWasSent({ headers }: SeenRequest): string {
  const header = headers["authorization"] ?? "";
  const [, encoded = ""] = header.split(" ");
  const decoded = header.startsWith("Basic") ? Buffer.from(encoded, "base64").toString("utf8") : encoded;
  const password = decoded.slice(decoded.indexOf(":") + 1);
  return [decoded, password, header, encodeURIComponent(header), header.replaceAll("/", String.raw`\/`)].join(" ");
}

function expectNoSecret(what: string, texts: readonly string[]): void {
  const secrets = [PASSWORD, TOKEN, GITHUB_TOKEN, REPLACED, HOOK_SECRET, SIGNING_SECRET, sluice.apiKey, issuedKey];
  expectNoSecretIn(what, texts, secrets, [USERNAME]);
}

function base64(plain: string): string {
  return Buffer.from(plain, "utf8").toString("base64");
}
