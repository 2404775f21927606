import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

import { jobBodySchema, type JobBody } from "#http/schemas/job";
import { sourceConnectionSchema } from "#http/schemas/source-connection";
import { Caller } from "./caller.ts";
import { Follower } from "./copy-check.ts";
import { Ledger } from "./ledger.ts";
import { SOURCES, STREAMS, type Reading, type SourceName } from "./plan.ts";
import { NO_SEGMENT } from "./segment.ts";
import { Sights } from "./sights.ts";
import type { Answer, Stage } from "./stage.ts";
import { Stranger } from "./stranger.ts";
import { Views } from "./views.ts";
import type { Watch } from "./watch.ts";
import { Register } from "#test/support/register";

/** One of the connections that chaos comes over. */
export interface Subject {
  readonly source: SourceName;
  readonly id: string;
  readonly organizationId: string;
  /** Path of its inbound address, from /v1 on. */
  readonly hookPath: string;
  readonly ledger: Ledger;
  /** A consumer that follows the change feed all along, whenever it gets to it. */
  readonly follower: Follower;
  /** Of its jobs. */
  readonly watches: Watch[];
  readonly owner: Caller;
  readonly stranger: Stranger;
  /** What it may be called by now, and told to read. */
  readonly names: Register<string>;
  readonly readings: Register<Reading>;
  readonly views: Views;
  readonly sights: Sights;
}

export type Subjects = Readonly<Record<SourceName, Subject>>;

/** What each is made with. */
const SHORT_NAMES: Readonly<Record<SourceName, string>> = { couch: "couchdb", crm: "chaos-crm", desk: "chaos-desk" };

/** Sources that are brought. */
const BROUGHT = ["crm", "desk"] as const;

/** Where the connections are: every organization has a default one. */
const COLLECTION = "chaos";

const idSchema = z.object({ id: z.string() });
const keySchema = z.object({ id: z.string(), key: z.string() });
const subscriptionSchema = z.object({ id: z.string(), secret: z.string() });
const hookSchema = z.object({ url: z.url() });

/** Makes the connections and the subscription, before anything goes wrong. No job is started. */
export async function makeSubjects(stage: Stage): Promise<Subjects> {
  const url = stage.receiver.address;
  const eventTypes = ["pending", "running", "cancelling", "completed", "failed", "cancelled"].map(
    (type) => `sync.${type}`,
  );
  const { id, secret } = subscriptionSchema.parse(
    succeeded(await stage.call("POST", "/webhooks/subscriptions", { body: { url, event_types: eventTypes } })),
  );
  stage.leaks.plant(secret);
  const collection = { name: "Chaos", readable_id: COLLECTION };
  succeeded(await stage.call("POST", "/collections", { body: collection }));
  for (const source of BROUGHT) {
    const manifest = readFileSync(join(import.meta.dirname, `${source}.yaml`), "utf8");
    const body = { short_name: SHORT_NAMES[source], name: source, manifest };
    succeeded(await stage.call("POST", "/sources", { body }));
  }
  const callers = await newCallers(stage, id);
  return {
    couch: await makeSubject(stage, "couch", callers),
    crm: await makeSubject(stage, "crm", callers),
    desk: await makeSubject(stage, "desk", callers),
  };
}

/** Whom everything belongs to, and somebody of another organization who knows what it is called. */
async function newCallers(stage: Stage, subscription: string): Promise<Pick<Subject, "owner" | "stranger">> {
  const body = { name: "Strangers" };
  const organization = idSchema.parse(succeeded(await stage.call("POST", "/organizations", { body }))).id;
  const newKey = async (fields: object) =>
    keySchema.parse(succeeded(await stage.call("POST", "/api-keys", { body: { name: "Chaos", ...fields } })));
  const [own, spare] = [await newKey({ organization_id: organization }), await newKey({})];
  for (const { key } of [own, spare]) stage.leaks.plant(key);
  const names = new Map([
    ["readable_id", COLLECTION],
    ["short_name", SHORT_NAMES.crm],
    ["subscriptions", subscription],
    ["api-keys", spare.id],
    ["stream", STREAMS.couch[0]],
    ["name", STREAMS.couch[0]],
  ]);
  return {
    owner: await Caller.arrive(stage, stage.apiKey, names),
    stranger: new Stranger(stage, await Caller.arrive(stage, own.key, names)),
  };
}

async function makeSubject(
  stage: Stage,
  source: SourceName,
  callers: Pick<Subject, "owner" | "stranger">,
): Promise<Subject> {
  const name = `Chaos ${source}`;
  const reading = allOfIt(source);
  const body = {
    ...connectionOf(stage, source, name, reading),
    schedule: { cron: "* * * * *", full_sync_cron: null },
    sync_immediately: false,
  };
  const connection = sourceConnectionSchema.parse(succeeded(await stage.call("POST", "/source-connections", { body })));
  const hook = hookSchema.parse(
    succeeded(
      await stage.call("POST", `/source-connections/${connection.id}/webhook`, {
        body: { verification: { scheme: "none" }, debounce_seconds: 1, delivery_id_header: "x-delivery" },
      }),
    ),
  );
  stage.leaks.plant(new URL(hook.url).pathname.split("/").at(-1) ?? "");
  return {
    source,
    id: connection.id,
    organizationId: connection.organization_id,
    hookPath: new URL(hook.url).pathname.replace(/^\/v1/, ""),
    ledger: new Ledger(),
    follower: new Follower(),
    watches: [],
    ...callers,
    names: new Register(name),
    readings: new Register(reading),
    views: new Views(),
    sights: new Sights(),
  };
}

/** What a connection of a source is made with. */
export function connectionOf(stage: Stage, source: SourceName, name: string, reading: Reading) {
  return {
    name,
    short_name: SHORT_NAMES[source],
    readable_collection_id: COLLECTION,
    config: configOf(stage, source, reading),
    authentication: { credentials: stage.upstream.credentialsOf(source, "all") },
  };
}

export function configOf(stage: Stage, source: SourceName, reading: Reading) {
  const url = stage.upstream.addressOf(source);
  return source === "desk" ? { url, client_id: stage.upstream.signIn.clientId, ...reading } : { url, ...reading };
}

/** Nothing is left out. */
export function allOfIt(source: SourceName): Reading {
  return source === "couch" ? { databases: STREAMS.couch, page_size: 8 } : { without: NO_SEGMENT };
}

export function allOf(subjects: Subjects): readonly Subject[] {
  return SOURCES.map((source) => subjects[source]);
}

/** The job in an answer, whatever kind of answer it is; null where there is none. */
export function jobIn(answer: Answer | null): JobBody | null {
  const job = jobBodySchema.safeParse(answer?.body);
  return job.success ? job.data : null;
}

function succeeded(answer: Answer | null): unknown {
  if (answer?.status === 200) return answer.body;
  throw new Error(`The stage could not be set: ${answer === null ? "no answer" : `${answer.status} ${answer.text}`}`);
}
