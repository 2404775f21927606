import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";

import { hashApiKey } from "#auth/api-key";
import type { SourceConnectionRpc } from "#connection/rpc";
import type { Reply } from "#core/errors";
import type { Job } from "#core/job";
import type { JsonObject } from "#core/json";
import type { HookAnswer, HookSettings, HookSnapshot } from "#triggers/webhook/hook";

export const ORGANIZATION = "org";
export const HOOK_TOKEN = "the token of the address";

/** A delivery as a test states it. The token is the right one unless it says otherwise. */
export interface Sent {
  readonly id?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string;
  /** Larger than what is accepted. */
  readonly tooLarge?: boolean;
}

export interface HookedConnection {
  readonly id: string;
  readonly object: DurableObjectStub & SourceConnectionRpc;
  readonly send: (sent?: Sent) => Promise<Reply<HookAnswer>>;
  /** Sends, and answers with what became of it: the outcome, or the code of the refusal. */
  readonly outcomeOf: (sent?: Sent) => Promise<string>;
  readonly hook: () => Promise<HookSnapshot>;
  /** Newest first. */
  readonly jobs: () => Promise<readonly Job[]>;
  /** When the object's alarm is set for. */
  readonly alarmAt: () => Promise<number | null>;
  /** Lets what is due work, a second at a time, until no job is active. */
  readonly finish: () => Promise<void>;
}

export function valueOf<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new Error(reply.refusal.message);
  return reply.value;
}

/** A connection with an inbound address; the test has the clock in its hands. */
export async function connectWithHook(
  settings: Partial<HookSettings> = {},
  {
    shortName = "incremental_stub",
    config = {},
    secrets = [],
  }: { shortName?: string; config?: JsonObject; secrets?: readonly string[] } = {},
): Promise<HookedConnection> {
  const id = crypto.randomUUID();
  const object = env.SOURCE_CONNECTION.getByName(id);
  const connection = { id, organizationId: ORGANIZATION, name: "Hooked", description: null, collectionId: "default" };
  const credentials = { stub_key: "key", timed_key: "key" };
  const plain = { manifest: null, schedule: null, settings: {}, syncImmediately: false };
  valueOf(await object.create({ ...connection, shortName, config, credentials, ...plain }));
  const complete: HookSettings = {
    verification: { scheme: "none" },
    condition: null,
    debounceSeconds: 0,
    deliveryIdHeader: "x-delivery",
    ...settings,
  };
  const tokenHash = await hashApiKey(HOOK_TOKEN);
  valueOf(await object.createHook(ORGANIZATION, { tokenHash, settings: complete, secrets }));

  const send = async ({ id: deliveryId, body = "{}", headers = {}, token = HOOK_TOKEN, tooLarge }: Sent = {}) =>
    object.receiveHook({
      tokenHash: await hashApiKey(token),
      headers: { ...(deliveryId === undefined ? {} : { "x-delivery": deliveryId }), ...headers },
      body: tooLarge === true ? null : new Uint8Array(new TextEncoder().encode(body)),
    });
  const jobs = async () => valueOf(await object.jobs(ORGANIZATION, { limit: 100, cursor: null })).jobs;
  return {
    id,
    object,
    send,
    jobs,
    async outcomeOf(sent) {
      const reply = await send(sent);
      return reply.ok ? reply.value.outcome : reply.refusal.code;
    },
    hook: async () => valueOf(await object.hook(ORGANIZATION)),
    alarmAt: () => runInDurableObject(object, (_object, { storage }) => storage.getAlarm()),
    async finish() {
      while ((await jobs()).some(({ wakeAt }) => wakeAt !== null)) {
        vi.setSystemTime(Date.now() + 1_000);
        await runDurableObjectAlarm(object);
      }
    },
  };
}
