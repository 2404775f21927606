import { z } from "zod";

import { AnswerCheck, type FuzzAnswer } from "./answer-check.ts";
import type { ApiDocument, ApiOperation } from "./api-document.ts";
import { addressOf, type FuzzRequest } from "./fuzz-request.ts";

/** A request with everything filled in. */
export interface SentRequest {
  readonly method: string;
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
}

export interface WorldState {
  /** Everything that there is, so that a difference is a change. */
  readonly text: string;
  /** From this time on, in epoch milliseconds, it may change without a request: an alarm goes off. */
  readonly restlessFrom: number;
}

/** Where requests go: an API with something in it. */
export interface FuzzWorld {
  /** Names by kind; what belongs to another organization is among them. Grows with what answers tell. */
  readonly names: Map<string, string[]>;
  /** An address where something answers. */
  readonly receiver: string;
  readonly keys: Readonly<Record<FuzzRequest["caller"], string | null>>;
  send(request: SentRequest): Promise<FuzzAnswer>;
  /** Lets what was accepted come to its end. */
  settle(): Promise<void>;
  state(): Promise<WorldState>;
}

/** What requests are counted as that come to no operation. */
const NO_OPERATION = "none";

const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

type Count = (operationId: string, status: number) => void;

/** Sends requests one after another. Throws where an answer is not as it must be, or a refused request changed something. */
export async function runHistory(
  world: FuzzWorld,
  document: ApiDocument,
  requests: readonly FuzzRequest[],
  count: Count,
): Promise<void> {
  const check = new AnswerCheck(document);
  let before = await world.state();
  for (const wanted of requests) {
    const { request, operation, answer } = await exchange(world, check, wanted, count);
    if (SAFE.has(request.method)) continue;
    if (answer.status < 400) {
      await world.settle();
      before = await world.state();
      continue;
    }
    const after = await world.state();
    // Deliveries of webhooks that are refused are counted, where the owner of the address sees it.
    const counts = operation?.isOpen === true;
    if (after.text !== before.text && !counts && Date.now() < before.restlessFrom) {
      const what = difference(before.text, after.text);
      throw new Error(`A refused request changed something: ${what}\n${shown(request, answer)}`);
    }
    if (after.text !== before.text) await world.settle();
    before = after.text === before.text ? after : await world.state();
  }
  const end = await world.state();
  if (end.text !== before.text && Date.now() < before.restlessFrom)
    throw new Error(`Requests that only read changed something: ${difference(before.text, end.text)}`);
}

/** Sends requests while what earlier ones began goes on. Throws where an answer is not as it must be. */
export async function walk(
  world: FuzzWorld,
  document: ApiDocument,
  requests: readonly FuzzRequest[],
  count: Count,
): Promise<void> {
  const check = new AnswerCheck(document);
  for (const wanted of requests) await exchange(world, check, wanted, count);
}

async function exchange(world: FuzzWorld, check: AnswerCheck, wanted: FuzzRequest, count: Count) {
  const request = filledIn(world, wanted);
  const answer = await world.send(request);
  const operation = check.operationAt(request.method, request.address);
  count(operation?.id ?? NO_OPERATION, answer.status);
  const faults = check.faultsOf(request.method, request.address, answer);
  if (faults.length > 0) throw new Error(`${faults.join("; ")}.\n${shown(request, answer)}`);
  keepNames(world, operation, answer);
  return { request, operation, answer };
}

function filledIn(world: FuzzWorld, { method, path, query, headers, body, caller }: FuzzRequest): SentRequest {
  const address = addressOf({ path, query }, ({ kind, index }) => {
    const names = world.names.get(kind) ?? [];
    return names.at(index % Math.max(1, names.length)) ?? "none";
  });
  const key = world.keys[caller];
  return {
    method,
    address,
    headers: key === null ? headers : { authorization: `Bearer ${key}`, ...headers },
    body: method === "GET" || method === "HEAD" ? null : body,
  };
}

/** What requests to come may name: where an operation's answer tells it, and of which kind it is. */
const TOLD_BY: Readonly<Record<string, readonly (readonly [field: string, kind: string])[]>> = {
  createSourceConnection: [["id", "source-connections"]],
  runSourceConnection: [["id", "job_id"]],
  createWebhook: [["url", "token"]],
  rotateWebhook: [["url", "token"]],
  createCollection: [["readable_id", "readable_id"]],
  createCustomSource: [["short_name", "short_name"]],
  createApiKey: [["id", "api-keys"]],
  createWebhookSubscription: [["id", "subscriptions"]],
};

/** Cursors and new ids are used again by the requests to come. */
function keepNames(world: FuzzWorld, operation: ApiOperation | null, { status, text, headers }: FuzzAnswer): void {
  const cursors = [...text.matchAll(/"(?:next_cursor|log_cursor)":"([^"]+)"/g)].map(([, cursor]) => cursor);
  for (const cursor of [...cursors, headers["x-next-cursor"]]) {
    if (cursor !== undefined) world.names.get("cursor")?.push(cursor);
  }
  if (operation === null || status !== 200) return;
  for (const [field, kind] of TOLD_BY[operation.id] ?? []) {
    const told = toldSchema.safeParse(JSON.parse(text)).data?.[field];
    if (typeof told === "string") world.names.get(kind)?.push(told.slice(told.lastIndexOf("/") + 1));
  }
}

const toldSchema = z.record(z.string(), z.unknown());

function difference(before: string, after: string): string {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at += 1;
  const around = (text: string) => text.slice(Math.max(0, at - 150), at + 150);
  return `\n  before: …${around(before)}…\n  after:  …${around(after)}…`;
}

function shown({ method, address, headers, body }: SentRequest, { status, text }: FuzzAnswer): string {
  const { authorization: _secret, ...others } = headers;
  const sent = typeof body === "string" ? JSON.stringify(body.slice(0, 2_000)) : (body?.toBase64() ?? "no body");
  return `${method} ${address.slice(0, 500)} ${JSON.stringify(others)}\n${sent}\n→ ${status} ${text.slice(0, 1_000)}`;
}
