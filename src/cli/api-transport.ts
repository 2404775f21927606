import { setTimeout as delay } from "node:timers/promises";
import type { z } from "zod";

import { parseExactly } from "#core/exact-json";
import { Refused, Unreachable } from "./refused.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface AskOptions {
  /** Left out where undefined. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Longer than the longest that an answer takes: a connection is checked against its source meanwhile. */
const ANSWER_DEADLINE_MS = 60_000;
/** A rate limit's window is a minute by default. What asks for more patience is shown instead. */
const LONGEST_WAIT_MS = 60_000;
const RATE_LIMIT_TRIES = 3;

/** Sends requests to Sluice with a key, and tells apart the ways in which they fail. */
export class ApiTransport {
  readonly #base: string;
  readonly #key: string;

  /** `address` without a path: `http://127.0.0.1:8787`. */
  constructor(address: string, key: string) {
    this.#base = `${address}/v1`;
    this.#key = key;
  }

  /** The JSON of an answer. Throws Refused, and Unreachable for no answer or one that Sluice doesn't give. */
  async ask<Answer>(
    schema: z.ZodType<Answer>,
    method: Method,
    path: string,
    options: AskOptions = {},
  ): Promise<Answer> {
    const response = await this.send(method, path, options);
    const text = await response.text().catch((error: unknown) => {
      throw this.#unreachable(error);
    });
    const parsed = schema.safeParse(parseOrNull(text));
    if (parsed.success) return parsed.data;
    const place = parsed.error.issues[0]?.path.join(".") ?? "";
    throw new Unreachable(
      `What ${this.#base}${path} answered is not from a Sluice that this command line knows (at "${place}"). Check the address, and that both have the same version.`,
    );
  }

  /** An answer of 2xx, its body yet to be read. Throws Refused and Unreachable. */
  async send(method: Method, path: string, { query = {}, body, headers = {} }: AskOptions = {}): Promise<Response> {
    const given = Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    );
    const search = given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
    for (let tries = 1; ; tries += 1) {
      const response = await this.#fetch(`${this.#base}${path}${search}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#key}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (response.ok) return response;
      const refusal = new Refused(`${method} /v1${path}${search}`, response.status, await response.text());
      const waitMs = Number(response.headers.get("retry-after") ?? Number.NaN) * 1_000;
      if (response.status !== 429 || !(waitMs <= LONGEST_WAIT_MS) || tries === RATE_LIMIT_TRIES) throw refusal;
      await delay(waitMs);
    }
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const deadline = new AbortController();
    // Only until the answer begins: an export takes as long as it takes.
    const timer = setTimeout(() => deadline.abort(new Error("no answer came in time")), ANSWER_DEADLINE_MS);
    try {
      // A server that redirects is not Sluice's own address, and the key is not for whoever it redirects to.
      return await fetch(url, { ...init, redirect: "error", signal: deadline.signal });
    } catch (error) {
      throw this.#unreachable(error);
    } finally {
      clearTimeout(timer);
    }
  }

  #unreachable(error: unknown): Unreachable {
    return new Unreachable(`Can't reach Sluice at ${this.#base}: ${reasonOf(error)}.`, { cause: error });
  }
}

/** `fetch failed` has the reason inside, and inside that one for each address of a host. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (error instanceof Error && error.cause !== undefined) return reasonOf(error.cause);
  return error instanceof Error ? error.message : String(error);
}

/** Numbers of entities that a double can't hold stay as they are. */
function parseOrNull(text: string): unknown {
  try {
    return parseExactly(text);
  } catch {
    return null;
  }
}
