import { z } from "zod";

import { AnswerCheck, type FuzzAnswer } from "./answer-check.ts";
import type { ApiDocument, ApiOperation } from "./api-document.ts";
import { addressOf, type FuzzRequest } from "./fuzz-request.ts";
import { withNames, type KnownName } from "./known-name.ts";
import { admissionFault, signatureHeaders } from "./signed-delivery.ts";
import { countsRefusal, difference, type Contents } from "./stored-tables.ts";

/** A request with everything filled in. */
export interface SentRequest {
  readonly method: string;
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
}

export interface WorldState extends Contents {
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
  /** Whose things are the second of each kind. */
  readonly strangerKey: string;
  send(request: SentRequest): Promise<FuzzAnswer>;
  /** Lets what was accepted come to its end. */
  settle(): Promise<void>;
  state(): Promise<WorldState>;
}

/** What requests are counted as that come to no operation. */
const NO_OPERATION = "none";

const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

type Count = (operationId: string, status: number) => void;

/**
 * Sends requests one after another. Throws where an answer is not as it must be, or where a request changed something
 * that was refused, or that only reads.
 */
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
    if (!SAFE.has(request.method) && answer.status < 400) {
      await world.settle();
      before = await world.state();
      continue;
    }
    const after = await world.state();
    const change = changeBetween(before, after, operation?.isOpen === true);
    if (change !== null && Date.now() < before.restlessFrom) {
      const which = answer.status < 400 ? "A request that only reads" : "A refused request";
      throw new Error(`${which} changed something: ${change}\n${shown(request, answer)}`);
    }
    before = after;
  }
}

/** What has changed that must not have; null for nothing. `isOpen`: who is refused may be counted. */
function changeBetween(before: WorldState, after: WorldState, isOpen: boolean): string | null {
  if (before.text !== after.text) return difference(before.text, after.text);
  const [counted, countedNow] = [before.counts.join("\n"), after.counts.join("\n")];
  if (counted === countedNow) return null;
  if (!isOpen) return difference(counted, countedNow);
  const known = new Set(before.counts);
  const odd = after.counts.find((row) => !known.has(row) && !countsRefusal(row));
  return odd === undefined ? null : `\n  after:  ${odd}`;
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
  const admission = wanted.signing === undefined ? null : admissionFault(wanted.signing, answer.status);
  if (admission !== null) faults.push(admission);
  if (faults.length > 0) throw new Error(`${faults.join("; ")}.\n${shown(request, answer)}`);
  keepNames(world, operation, answer);
  return { request, operation, answer };
}

function filledIn(world: FuzzWorld, wanted: FuzzRequest): SentRequest {
  const { method, path, query, headers, caller, keyHeader = "authorization", lastEvent, signing } = wanted;
  const nameOf = ({ kind, index }: KnownName) => {
    const names = world.names.get(kind) ?? [];
    return names.at(index % Math.max(1, names.length)) ?? "none";
  };
  const said = typeof wanted.body === "string" ? withNames(wanted.body, nameOf) : wanted.body;
  const body = method === "GET" || method === "HEAD" ? null : said;
  const key = world.keys[caller];
  const keyHeaders = key === null ? {} : { [keyHeader]: keyHeader === "authorization" ? `Bearer ${key}` : key };
  return {
    method,
    address: addressOf({ path, query }, nameOf),
    headers: {
      ...keyHeaders,
      ...headers,
      ...(lastEvent === undefined ? {} : { "last-event-id": nameOf(lastEvent) }),
      ...(signing === undefined ? {} : signatureHeaders(signing, body ?? "", Date.now())),
    },
    body,
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

/** Texts in any answer that lead on from it, by kind. */
const TOLD_ANYWHERE: readonly (readonly [kind: string, text: RegExp])[] = [
  ["cursor", /"(?:next_cursor|older_cursor|log_cursor)":"([^"]+)"/g],
  ["event", /^id: (\S+)$/gm],
];

/** Cursors and new ids are used again by the requests to come. */
function keepNames(world: FuzzWorld, operation: ApiOperation | null, { status, text, headers }: FuzzAnswer): void {
  const keep = (kind: string, name: string) => world.names.set(kind, [...(world.names.get(kind) ?? []), name]);
  for (const [kind, pattern] of TOLD_ANYWHERE) {
    for (const [, name] of text.matchAll(pattern)) if (name !== undefined) keep(kind, name);
  }
  if (headers["x-next-cursor"] !== undefined) keep("cursor", headers["x-next-cursor"]);
  if (operation === null || status !== 200) return;
  for (const [field, kind] of TOLD_BY[operation.id] ?? []) {
    const told = toldSchema.safeParse(JSON.parse(text)).data?.[field];
    if (typeof told === "string") keep(kind, told.slice(told.lastIndexOf("/") + 1));
  }
}

const toldSchema = z.record(z.string(), z.unknown());

function shown({ method, address, headers, body }: SentRequest, { status, text }: FuzzAnswer): string {
  const { authorization: _bearer, "x-api-key": _key, ...others } = headers;
  const sent = typeof body === "string" ? JSON.stringify(body.slice(0, 2_000)) : (body?.toBase64() ?? "no body");
  return `${method} ${address.slice(0, 500)} ${JSON.stringify(others)}\n${sent}\n→ ${status} ${text.slice(0, 1_000)}`;
}
