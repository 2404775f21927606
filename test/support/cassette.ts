import { readFileSync } from "node:fs";

import { z } from "zod";

import { parseExactly } from "#core/exact-json";
import type { JsonObject } from "#core/json";

const headers = z.record(z.string(), z.string());
const exchange = z.object({
  request: z.object({
    method: z.string(),
    url: z.string(),
    headers: headers.default({}),
    body: z.string().nullable(),
  }),
  response: z.object({
    status: z.int(),
    headers: headers.default({}),
    body: z.string().optional(),
    bodyBase64: z.string().optional(),
  }),
  /** The client waited that long before it sent the request. */
  waited_seconds: z.number().optional(),
});

const run = z.object({
  stream: z.string(),
  /** Null for a read from nothing; else the read continues from where the run before it ended. */
  state: z.unknown(),
  exchanges: z.array(exchange),
  records: z.array(z.unknown()),
  state_after: z.unknown().optional(),
  /** Where they differ from the cassette's. */
  now: z.iso.datetime({ offset: true }).optional(),
  config: z.custom<JsonObject>((value) => typeof value === "object" && value !== null).optional(),
  error: z.object({ kind: z.string(), message: z.string() }).nullable().default(null),
});

/** What a client did with a manifest and an upstream: its requests, the answers, and the records it made of them. */
export const cassetteSchema = z.object({
  manifest: z.string(),
  /** Texts of the manifest that were replaced, such as large page sizes. */
  replace: z.array(z.tuple([z.string(), z.string()])).default([]),
  now: z.iso.datetime({ offset: true }),
  timeless: z.boolean().default(false),
  unordered: z.boolean().default(false),
  config: z.custom<JsonObject>((value) => typeof value === "object" && value !== null),
  runs: z.array(run),
});
export type Cassette = z.infer<typeof cassetteSchema>;
export type CassetteRun = z.infer<typeof run>;
export type Exchange = z.infer<typeof exchange>;

export function readCassette(path: string): Cassette {
  return cassetteSchema.parse(parseExactly(readFileSync(path, "utf8")));
}

export function bodyOf({ response }: Exchange): Uint8Array<ArrayBuffer> {
  const { body = "", bodyBase64 } = response;
  const decoded = bodyBase64 === undefined ? Buffer.from(body, "utf8") : Buffer.from(bodyBase64, "base64");
  const bytes = new Uint8Array(decoded.byteLength);
  bytes.set(decoded);
  return bytes;
}

/** A request as it can be compared: query parameters keep their order, JSON bodies their values. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly body: string | null;
}

export function comparable({ method, url, body }: SeenRequest): string {
  // A Worker can't send a body with a GET.
  const sent = body === null || body === "" || method === "GET" ? "" : comparableBody(body);
  return anonymous(`${method} ${new URL(url).href} ${sent}`);
}

/** Tokens are numbered in the order they were asked for; how often that is, is the client's business. */
function anonymous(text: string): string {
  return text.replaceAll(/\b(session-|access-|refresh-|[as](?=\d+\b))\d+/g, "$1");
}

/** Does the exchange get a token? */
function isSignIn({ response }: Exchange): boolean {
  return response.status === 200 && anonymous(response.body ?? "") !== (response.body ?? "");
}

function comparableBody(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body));
  } catch {
    return body;
  }
}

/** An upstream that gives each request the answer that is next for it, and notes what it was asked. */
export class CassettePlayer {
  readonly #exchanges: Exchange[];
  readonly #repeatable: Exchange[];
  readonly asked: string[] = [];
  readonly unexpected: string[] = [];

  /**
   * @param remembers the client on the cassette kept the answers to what it asked before, as the Python CDK does for
   * parents' pages: they are given again
   */
  constructor(exchanges: readonly Exchange[], remembers = false) {
    this.#exchanges = [...exchanges];
    this.#repeatable = exchanges.filter(
      (one) => isSignIn(one) || (remembers && one.request.method === "GET" && one.response.status === 200),
    );
  }

  /** Requests on the cassette that nobody has sent, without those for one more token. */
  get left(): string[] {
    return this.#exchanges.filter((one) => !isSignIn(one)).map(({ request }) => comparable(request));
  }

  /** `headers` has lower-case names. Null where the cassette has no such request, or no more of them. */
  answer(request: SeenRequest & { readonly headers: Readonly<Record<string, string>> }): Exchange | null {
    const seen = comparable(request);
    this.asked.push(seen);
    const index = this.#exchanges.findIndex((one) => comparable(one.request) === seen);
    const [next] = index === -1 ? [] : this.#exchanges.splice(index, 1);
    const found = next ?? this.#repeatable.find((one) => comparable(one.request) === seen);
    if (found === undefined) {
      this.unexpected.push(seen);
      return null;
    }
    for (const [name, value] of Object.entries(found.request.headers)) {
      if (anonymous(request.headers[name] ?? "") !== anonymous(value)) {
        this.unexpected.push(`${seen}: header ${name} is ${request.headers[name] ?? "missing"}, expected ${value}`);
      }
    }
    return found;
  }
}
