import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

import { DEFAULT_ORGANIZATION_ID } from "#auth/actor";
import { freePort, LOOPBACK } from "#cli/port";
import { sendRaw } from "#test/e2e/raw-request";
import type { FuzzWorld, SentRequest } from "./fuzz-history.ts";
import { seedOrganization } from "./seeded-names.ts";
import { StoredState } from "./stored-state.ts";
import { contentsOf } from "./stored-tables.ts";
import { upstreamAnswer } from "./fuzz-upstream.ts";

const SETTLED_AFTER_MS = 20;
/** A job of what is seeded takes less than a second, and a busy machine many times that. */
const SETTLE_LIMIT_MS = 120_000;

export interface RunningWorker {
  readonly address: string;
  readonly rootKey: string;
  readonly stateDirectory: string;
  /** Where something answers. */
  readonly receiver: string;
}

/** The Worker over HTTP, with two organizations in it that have one of everything. */
export async function httpWorld({ address, rootKey, stateDirectory, receiver }: RunningWorker): Promise<FuzzWorld> {
  const send = ({ method, address: path, headers, body }: SentRequest) =>
    sendRaw(address, { method, path: latin1(path), headers, ...(body === null ? {} : { body }) });
  const owner = await newOrganization(send, rootKey);
  const stranger = await newOrganization(send, rootKey);
  const stored = new StoredState(stateDirectory, [owner.id, stranger.id, DEFAULT_ORGANIZATION_ID]);
  const names = new Map<string, string[]>([["organization", [owner.id, stranger.id]]]);
  for (const { key } of [owner, stranger]) {
    for (const [kind, name] of await seedOrganization({ send, key, receiver, settle }))
      names.set(kind, [...(names.get(kind) ?? []), name]);
  }
  return {
    names,
    receiver,
    strangerKey: stranger.key,
    keys: { owner: owner.key, root: rootKey, nobody: null, wrong: "slc_of_nobody_at_all" },
    send,
    settle,
    // Files are read one after the other: what is on its way between two of them must have arrived.
    state: async () => {
      const { tables, nextAlarmAt } = await settled();
      return { ...contentsOf(tables), restlessFrom: nextAlarmAt };
    },
  };

  async function settle() {
    await settled();
  }

  async function settled(): Promise<ReturnType<StoredState["look"]>> {
    const deadline = Date.now() + SETTLE_LIMIT_MS;
    let before = stored.look();
    while (Date.now() < deadline) {
      await delay(SETTLED_AFTER_MS);
      const now = stored.look();
      if (now.onItsWay.length === 0 && isDeepStrictEqual(now.tables, before.tables)) return now;
      before = now;
    }
    throw new Error(`After ${SETTLE_LIMIT_MS / 1000} s this is still on its way:\n${before.onItsWay.join("\n")}`);
  }
}

/** A receiver that takes whatever comes, and the systems that sources read. */
export async function startOutside(): Promise<{ readonly url: string; close(): void }> {
  const port = await freePort();
  const server = createServer((request, response) => {
    request.resume();
    const { status, body } = upstreamAnswer(`http://${LOOPBACK}:${port}${request.url ?? "/"}`);
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(port, LOOPBACK, resolve));
  return { url: `http://${LOOPBACK}:${port}/`, close: () => server.close() };
}

async function newOrganization(send: FuzzWorld["send"], rootKey: string): Promise<{ id: string; key: string }> {
  const post = async (address: string, json: object): Promise<Record<string, string>> => {
    const headers = { authorization: `Bearer ${rootKey}`, "content-type": "application/json" };
    return JSON.parse((await send({ method: "POST", address, headers, body: JSON.stringify(json) })).text);
  };
  const { id = "" } = await post("/v1/organizations", { name: "Fuzzed" });
  const { key = "" } = await post("/v1/api-keys", { name: "Fuzzed", organization_id: id });
  return { id, key };
}

/** node:http sends no characters beyond Latin-1 in a path, and no controls. */
function latin1(path: string): string {
  return path.replaceAll(/[^\u0021-\u007e]/g, (character) => encodeURIComponent(character));
}
