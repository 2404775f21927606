import { parseExactly } from "#core/exact-json";
import { createRedactor } from "#core/redact";
import { refusalOf } from "./outbound-guard.ts";
import { follow, isRedirect, MAX_REDIRECTS, type Hop } from "./redirect.ts";
import { abandon, decodeText, readBody, ResponseTooLarge } from "./response-body.ts";
import { excerpt, failureOf } from "./response-failure.ts";
import { SourceFailure } from "./source.ts";
import { withinTimeLimit } from "./time-limit.ts";

/** One request to a source. */
export interface SourceRequest {
  /** Default GET. */
  readonly method?: string;
  readonly url: string | URL;
  /** `accept: application/json` and `user-agent: Sluice` are sent unless these say otherwise. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Statuses outside 2xx that the caller understands and wants back instead of a SourceFailure. */
  readonly expectedStatuses?: readonly number[];
  /**
   * Hand back every status instead of a SourceFailure, with the body or the first 256 KiB of it; redirects are still
   * followed. For callers that decide themselves what a refusal means.
   */
  readonly anyStatus?: boolean;
  /**
   * Once it has been sent it goes on to its end or its time limit, also where the slice stops meanwhile. For requests
   * whose answer can't be had a second time.
   */
  readonly outlivesSlice?: boolean;
}

export interface SourceResponse {
  readonly status: number;
  readonly headers: Headers;
  /** The address that answered, after redirects. */
  readonly url: string;
  /** The body before it is decoded. */
  readonly bytes: Uint8Array;
  /** Decoded when it is first asked for; bytes that are not UTF-8 are a SourceFailure of kind `bad_response`. */
  readonly text: string;
  /** Parses `text`; malformed JSON is a SourceFailure of kind `bad_response`. */
  json(): unknown;
}

/**
 * The only way a source reaches the network.
 *
 * Failures arrive as SourceFailure, classified; aborts as the signal's reason.
 */
export interface SourceHttp {
  request(request: SourceRequest): Promise<SourceResponse>;
  /** From now on no message shows this secret, in any form it travels in. For tokens that are obtained on the way. */
  conceal(secret: string): void;
  /** Takes every secret out of a text that is shown to people. */
  redact(text: string): string;
}

export interface HttpUsage {
  /** Requests sent, each hop of a redirect counted: this is what the platform counts. */
  readonly requests: number;
  /** Bytes of bodies read, after decompression. */
  readonly bytes: number;
}

export interface SourceHttpOptions {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Its abort breaks off every request at once, with its reason. */
  readonly signal: AbortSignal;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** May private and local addresses be called? */
  readonly allowPrivate: boolean;
  /** What no message may show. */
  readonly secrets: readonly string[];
  /** A longer body is a ResponseTooLarge. */
  readonly maxResponseBytes: number;
  /** For a request from its start to the end of its body, redirects included. */
  readonly requestTimeoutMs: number;
}

/** How much of a refusal's body is read to find out what it says. */
const MAX_REFUSAL_BYTES = 16_384;

/** How much of it a caller gets who decides about refusals: a JSON error has to arrive whole, a page of HTML need not. */
const MAX_HANDED_REFUSAL_BYTES = 262_144;

/** The HTTP client of one slice: counts what it uses, and stops when the slice does. */
export function createSourceHttp(options: SourceHttpOptions): SourceHttp & { usage(): HttpUsage } {
  const { fetch, signal, now, allowPrivate, maxResponseBytes, requestTimeoutMs } = options;
  const secrets = new Set(options.secrets);
  let redactor: ((text: string) => string) | null = null;
  let requests = 0;
  let bytes = 0;
  const countBytes = (count: number) => {
    bytes += count;
  };

  return { request, conceal, redact, usage: () => ({ requests, bytes }) };

  function conceal(secret: string): void {
    if (secrets.has(secret)) return;
    secrets.add(secret);
    redactor = null;
  }

  /** Made when it is needed: most slices show no message, and some obtain a token with every request. */
  function redact(shown: string): string {
    redactor ??= createRedactor([...secrets]);
    return redactor(shown);
  }

  async function request(wanted: SourceRequest): Promise<SourceResponse> {
    signal.throwIfAborted();
    const first = firstHop(wanted);
    return withinTimeLimit(
      {
        ...(wanted.outlivesSlice === true ? {} : { signal }),
        milliseconds: requestTimeoutMs,
        timedOut: () =>
          new SourceFailure({
            kind: "transient",
            message: `${labelOf(first)} was not answered in full within ${requestTimeoutMs / 1000} s.`,
          }),
      },
      async (stop) => {
        const { hop, response } = await followRedirects(first, wanted.expectedStatuses ?? [], stop);
        if (response.ok || wanted.expectedStatuses?.includes(response.status)) return accept(hop, response);
        if (wanted.anyStatus === true) return handBack(hop, response);
        return refuse(hop, response);
      },
    );
  }

  async function followRedirects(first: Hop, expectedStatuses: readonly number[], stop: AbortSignal) {
    let hop = first;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const response = await send(hop, first, stop);
      if (!isRedirect(response.status) || expectedStatuses.includes(response.status)) return { hop, response };
      abandon(response.body);
      hop = follow(hop, response, labelOf(hop));
    }
    throw new SourceFailure({
      kind: "bad_response",
      message: `${labelOf(first)} was redirected more than ${MAX_REDIRECTS} times.`,
    });
  }

  async function send(hop: Hop, first: Hop, stop: AbortSignal): Promise<Response> {
    const refusal = refusalOf(hop.url, { allowPrivate });
    if (refusal !== null) {
      const asked = hop === first ? "" : ` as a redirect of ${labelOf(first)} asked`;
      throw new SourceFailure({
        kind: "bad_request",
        message: redact(`${labelOf(hop)} was not sent${asked}: ${refusal}.`),
        final: true,
      });
    }
    requests += 1;
    const { method, url, headers, body } = hop;
    try {
      // Redirects are followed by hand, so that each is judged first. A copy has to be exact: no cache may answer.
      return await fetch(url.href, { method, headers, body, redirect: "manual", cache: "no-store", signal: stop });
    } catch (error) {
      throw new SourceFailure({
        kind: "transient",
        message: `${labelOf(hop)} failed: no connection to ${redact(url.host)}${codeOf(error)}.`,
        unreached: true,
      });
    }
  }

  async function accept(hop: Hop, response: Response): Promise<SourceResponse> {
    const body = await readBody(response, maxResponseBytes, countBytes).catch((error: unknown) => {
      throw new SourceFailure({
        kind: "transient",
        message: `${labelOf(hop)} broke off while its answer was read${codeOf(error)}.`,
      });
    });
    if (!body.whole) throw new ResponseTooLarge(labelOf(hop), maxResponseBytes);
    return answerOf(hop, response, body.bytes, () => decode(labelOf(hop), body.bytes));
  }

  /** A refusal whose body breaks off is still that refusal; one that was cut may have been cut in mid-character. */
  async function handBack(hop: Hop, response: Response): Promise<SourceResponse> {
    const body = await readBody(response, MAX_HANDED_REFUSAL_BYTES, countBytes).catch(() => null);
    const read = body?.bytes ?? new Uint8Array();
    return answerOf(hop, response, read, () => new TextDecoder().decode(read));
  }

  function answerOf(hop: Hop, response: Response, read: Uint8Array, decoded: () => string): SourceResponse {
    let kept: string | null = null;
    const text = () => (kept ??= decoded());
    return {
      status: response.status,
      headers: response.headers,
      url: hop.url.href,
      bytes: read,
      get text() {
        return text();
      },
      json: () => parseJson(hop, response, text()),
    };
  }

  async function refuse(hop: Hop, response: Response): Promise<never> {
    const body = await readBody(response, MAX_REFUSAL_BYTES, countBytes).catch(() => null);
    const text = new TextDecoder().decode(body?.bytes);
    const { status, headers } = response;
    throw failureOf({ label: labelOf(hop), status, headers, text, redact, now: now() });
  }

  function parseJson(hop: Hop, { status, headers }: Response, text: string): unknown {
    try {
      return parseExactly(text);
    } catch {
      const type = headers.get("content-type") ?? "no content type";
      const beginning =
        text === "" ? "an empty body" : `a body that begins with: ${excerpt(text.slice(0, 2_000), redact)}`;
      throw new SourceFailure({
        kind: "bad_response",
        message: `${labelOf(hop)} answered ${status} (${redact(type)}) with something that is not JSON: ${beginning}`,
      });
    }
  }

  /** `GET https://host/path`; queries are left out, since they often carry tokens. */
  function labelOf({ method, url }: Pick<Hop, "method" | "url">): string {
    return redact(`${method} ${url.protocol}//${url.host}${url.pathname}`);
  }
}

function firstHop({ method = "GET", url, headers, body }: SourceRequest): Hop {
  const parsed = URL.parse(String(url));
  if (parsed === null) {
    throw new SourceFailure({ kind: "bad_request", message: "The source's address is not a valid URL.", final: true });
  }
  return { method: method.toUpperCase(), url: parsed, headers: headersOf(headers ?? {}), body: body ?? null };
}

function headersOf(wanted: Readonly<Record<string, string>>): Headers {
  const headers = new Headers({ accept: "application/json", "user-agent": "Sluice" });
  for (const [name, value] of Object.entries(wanted)) {
    try {
      headers.set(name, value);
    } catch {
      throw new SourceFailure({
        kind: "bad_request",
        message: `The header ${name} can't be sent: its value has characters that a header can't carry, such as a line break. If it comes from the credentials, correct them.`,
        final: true,
      });
    }
  }
  return headers;
}

function decode(label: string, bytes: Uint8Array): string {
  try {
    return decodeText(bytes);
  } catch {
    throw new SourceFailure({ kind: "bad_response", message: `${label} answered with bytes that are not UTF-8 text.` });
  }
}

/** Network errors carry a code such as ECONNREFUSED, on themselves or on their cause; their messages are not for users. */
function codeOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && typeof cause.code === "string" && /^[A-Z_]+$/.test(cause.code)) return ` (${cause.code})`;
  }
  return "";
}
