import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

import { freePort, LOOPBACK } from "#cli/port";
import { sendRaw } from "#test/e2e/raw-request";
import type { ApiDocument } from "./api-document.ts";
import type { FuzzWorld, SentRequest } from "./fuzz-history.ts";
import { addressOf, kindOfParameter } from "./fuzz-request.ts";
import { seedOrganization } from "./seeded-names.ts";

/** What changes without a request: deliveries to receivers are tried again, and clocks go on. */
const RESTLESS = /"(?:delivery_attempts|health_status|latency_ms|status|updated_at)":(?:"[^"]*"|\d+|null|\[[^\]]*\])/g;

const SETTLED_AFTER_MS = 100;
const SETTLE_LIMIT_MS = 30_000;

/** The Worker over HTTP, with two organizations in it that have one of everything. */
export async function httpWorld(
  address: string,
  rootKey: string,
  document: ApiDocument,
  receiver: string,
): Promise<FuzzWorld> {
  const send = ({ method, address: path, headers, body }: SentRequest) =>
    sendRaw(address, { method, path: latin1(path), headers, ...(body === null ? {} : { body }) });
  const owner = await newOrganization(send, rootKey);
  const stranger = await newOrganization(send, rootKey);
  const names = new Map<string, string[]>([["cursor", []]]);
  for (const key of [owner, stranger]) {
    const settle = () => delay(SETTLED_AFTER_MS);
    for (const [kind, name] of await seedOrganization({ send, key, receiver, settle }))
      names.set(kind, [...(names.get(kind) ?? []), name]);
  }
  const world: FuzzWorld = {
    names,
    receiver,
    keys: { owner, root: rootKey, nobody: null, wrong: "slc_of_nobody_at_all" },
    send,
    async settle() {
      const deadline = Date.now() + SETTLE_LIMIT_MS;
      for (let before = await world.state(); Date.now() < deadline;) {
        await delay(SETTLED_AFTER_MS);
        const now = await world.state();
        if (now === before && !/"status":"(?:PENDING|RUNNING|CANCELLING)"/.test(now)) return;
        before = now;
      }
    },
    state: async () => (await Promise.all([owner, stranger].map(seen))).join("\n"),
  };
  await world.settle();
  return world;

  /** Everything that this caller can read of what was there from the beginning, and every list. */
  async function seen(key: string): Promise<string> {
    const of = key === owner ? 0 : 1;
    const reading = document.operations.filter(
      ({ method, path, isOpen, answers }) =>
        method === "GET" &&
        !isOpen &&
        !path.startsWith("/v1/webhooks/messages") &&
        answers.get(200)?.has("application/json"),
    );
    const answers = await Promise.all(
      reading.map(async ({ path }) => {
        const parts = path
          .split("/")
          .slice(1)
          .map((segment) => {
            const name = /^\{(\w+)\}$/.exec(segment)?.[1];
            return name === undefined ? segment : { kind: kindOfParameter(path, name) ?? name, index: of };
          });
        const wanted = addressOf({ path: parts, query: [] }, ({ kind, index }) => names.get(kind)?.[index] ?? "none");
        const headers = { authorization: `Bearer ${key}` };
        const { status, text } = await send({ method: "GET", address: wanted, headers, body: null });
        return `${wanted} ${status} ${text.replaceAll(RESTLESS, "")}`;
      }),
    );
    return answers.join("\n");
  }
}

/** A receiver that takes whatever comes. */
export async function startReceiver(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    request.resume();
    response.end();
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, LOOPBACK, resolve));
  return { url: `http://${LOOPBACK}:${port}/`, close: () => server.close() };
}

async function newOrganization(send: FuzzWorld["send"], rootKey: string): Promise<string> {
  const post = async (address: string, json: object): Promise<Record<string, string>> => {
    const headers = { authorization: `Bearer ${rootKey}`, "content-type": "application/json" };
    return JSON.parse((await send({ method: "POST", address, headers, body: JSON.stringify(json) })).text);
  };
  const { id = "" } = await post("/v1/organizations", { name: "Fuzzed" });
  const { key = "" } = await post("/v1/api-keys", { name: "Fuzzed", organization_id: id });
  return key;
}

/** node:http sends no characters beyond Latin-1 in a path, and no controls. */
function latin1(path: string): string {
  return path.replaceAll(/[^\u0021-\u007e]/g, (character) => encodeURIComponent(character));
}
