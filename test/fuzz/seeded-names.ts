import { z } from "zod";

import type { FuzzAnswer } from "./answer-check.ts";
import type { SentRequest } from "./fuzz-history.ts";
import { seededManifest } from "./fuzzed-sources.ts";
import { HOOK_CONDITION, HOOK_SECRETS, type SignedScheme } from "./signed-delivery.ts";

type Send = (request: SentRequest) => Promise<FuzzAnswer>;

export const PATIENT = "patient";

const LOOKS = 20;
const STUB = {
  short_name: "stub",
  config: { entity_count: 3 },
  authentication: { credentials: { stub_key: "key" } },
  schedule: null,
  sync_immediately: false,
};
const id = z.object({ id: z.string() });
const urlSchema = z.object({ url: z.string() });
const entitiesSchema = z.object({ entities: z.array(z.object({ stream: z.string(), id: z.string() })) });

export interface Seeding {
  readonly send: Send;
  readonly key: string;
  /** Where something answers. */
  readonly receiver: string;
  /** Lets what was accepted come to its end. */
  readonly settle: () => Promise<void>;
}

/** Gives an organization one of everything, and says what each is called, by the kinds that requests name. */
export async function seedOrganization({ send, key, receiver, settle }: Seeding): Promise<Map<string, string>> {
  const call = async (method: string, address: string, json?: unknown) => {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(json === undefined ? {} : { "content-type": "application/json" }),
    };
    const answer = await send({ method, address, headers, body: json === undefined ? null : JSON.stringify(json) });
    if (answer.status >= 300) throw new Error(`${method} ${address} answered ${answer.status}: ${answer.text}`);
    return JSON.parse(answer.text) as unknown;
  };
  const suffix = crypto.randomUUID().slice(0, 8);
  const collection = `fuzz-${suffix}`;
  await call("POST", "/v1/collections", { name: "Fuzzed", readable_id: collection });
  const source = `crm-${suffix}`;
  await call("POST", "/v1/sources", { short_name: source, manifest: seededManifest(receiver) });
  const connection = id.parse(
    await call("POST", "/v1/source-connections", { ...STUB, readable_collection_id: collection }),
  ).id;
  const patient = id.parse(
    await call("POST", "/v1/source-connections", {
      short_name: "timed",
      config: { duration_seconds: 600 },
      authentication: { credentials: { timed_key: "key" } },
      schedule: null,
      sync_immediately: false,
    }),
  ).id;
  const job = id.parse(await call("POST", `/v1/source-connections/${connection}/run`)).id;
  const token = await addressOf(connection, { verification: { scheme: "none" } });
  const signed = {
    github: await signedAddress("github"),
    "standard-webhooks": await signedAddress("standard-webhooks"),
  } satisfies Record<SignedScheme, string>;
  const apiKey = id.parse(await call("POST", "/v1/api-keys", { name: "Spare" })).id;
  const toldOf = { url: receiver, event_types: ["sync.completed", "collection.updated"] };
  const subscription = id.parse(await call("POST", "/v1/webhooks/subscriptions", toldOf)).id;
  await settle();
  const message = await onceThere(async () => z.array(id).parse(await call("GET", "/v1/webhooks/messages"))[0]);
  const entity = await onceThere(
    async () => entitiesSchema.parse(await call("GET", `/v1/source-connections/${connection}/entities`)).entities[0],
  );
  return new Map([
    ["readable_id", collection],
    ["short_name", source],
    ["source-connections", connection],
    ["job_id", job],
    // Whose jobs last long enough to be cancelled.
    [PATIENT, patient],
    ["token", token],
    // Of connections that no other name leads to, so they stay as they are.
    ...Object.entries(signed),
    ["api-keys", apiKey],
    ["subscriptions", subscription],
    ["messages", message.id],
    ["name", entity.stream],
    ["stream", entity.stream],
    ["entity_id", entity.id],
  ]);

  async function addressOf(connectionId: string, hook: object): Promise<string> {
    const { url } = urlSchema.parse(await call("POST", `/v1/source-connections/${connectionId}/webhook`, hook));
    return url.slice(url.lastIndexOf("/") + 1);
  }

  async function signedAddress(scheme: SignedScheme): Promise<string> {
    const { id: connectionId } = id.parse(await call("POST", "/v1/source-connections", STUB));
    const verification = { scheme, secrets: [HOOK_SECRETS[scheme]] };
    // GitHub's deliveries let the object wait for an hour, with its alarm set.
    const debounce_seconds = scheme === "github" ? 3_600 : 0;
    return addressOf(connectionId, { verification, condition: HOOK_CONDITION, debounce_seconds });
  }

  /** What is on its way comes with the next look, or the one after. */
  async function onceThere<Thing>(look: () => Promise<Thing | undefined>): Promise<Thing> {
    for (let looks = 0; looks < LOOKS; looks += 1) {
      const found = await look();
      if (found !== undefined) return found;
      await settle();
    }
    throw new Error("What was seeded did not come to be.");
  }
}
