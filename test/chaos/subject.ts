import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

import { jobBodySchema, type JobBody } from "#http/schemas/job";
import { sourceConnectionSchema } from "#http/schemas/source-connection";
import { Follower } from "./copy-check.ts";
import { Ledger } from "./ledger.ts";
import { SOURCES, STREAMS, type SourceName } from "./plan.ts";
import type { Answer, Stage } from "./stage.ts";

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
}

export type Subjects = Readonly<Record<SourceName, Subject>>;

const MANIFEST = readFileSync(join(import.meta.dirname, "crm.yaml"), "utf8");

const subscriptionSchema = z.object({ secret: z.string() });
const hookSchema = z.object({ url: z.url() });

/** Makes the connections and the subscription, before anything goes wrong. No job is started. */
export async function makeSubjects(stage: Stage): Promise<Subjects> {
  const url = stage.receiver.address;
  const eventTypes = ["pending", "running", "cancelling", "completed", "failed", "cancelled"].map(
    (type) => `sync.${type}`,
  );
  const { secret } = subscriptionSchema.parse(
    succeeded(await stage.call("POST", "/webhooks/subscriptions", { body: { url, event_types: eventTypes } })),
  );
  stage.leaks.plant(secret);
  succeeded(
    await stage.call("POST", "/sources", { body: { short_name: "chaos-crm", name: "CRM", manifest: MANIFEST } }),
  );
  const [couch, crm] = [await makeSubject(stage, "couch"), await makeSubject(stage, "crm")];
  return { couch, crm };
}

async function makeSubject(stage: Stage, source: SourceName): Promise<Subject> {
  const address = { url: stage.upstream.addressOf(source) };
  const body = {
    name: `Chaos ${source}`,
    short_name: source === "couch" ? "couchdb" : "chaos-crm",
    readable_collection_id: "default",
    config: source === "couch" ? { ...address, databases: STREAMS.couch, page_size: 8 } : address,
    authentication: { credentials: stage.upstream.credentialsOf(source) },
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
  };
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
