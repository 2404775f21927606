import { noAnswerBehind } from "#sources/edge-status";
import { refusalOf } from "#sources/outbound-guard";
import { abandon, readBody } from "#sources/response-body";
import { readRetryAt } from "#sources/retry-after";
import { withinTimeLimit } from "#sources/time-limit";

/** A receiver does its work after it has answered; one that takes longer is tried again. */
const ANSWER_TIMEOUT_MS = 15_000;

/** How long a new subscription's address may take to answer anything, as Airweave has it. */
const REACH_TIMEOUT_MS = 5_000;

/** The status is what counts. The body helps whoever looks for a mistake, if it comes at once. */
const BODY_TIMEOUT_MS = 1_000;
const BODY_BYTES = 1_000;

/** How to reach receivers. Tests give their own `fetch` and clock. */
export interface Outside {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly allowPrivate: boolean;
}

export interface Parcel {
  readonly id: string;
  readonly body: string;
  /** Whole seconds since the epoch, as signed. */
  readonly timestamp: number;
  /** `v1,… v1,…` */
  readonly signature: string;
}

/** What a receiver answered, or why it did not. */
export interface Answer {
  /** Null where none came. */
  readonly statusCode: number | null;
  readonly response: string | null;
  /** Why no answer of the receiver's own came; null where one did. */
  readonly error: string | null;
  /** When it asked to be called again, in epoch milliseconds. */
  readonly retryAt: number | null;
  readonly durationMs: number;
}

/** Hands one signed message over. Never rejects: no answer is an answer too. */
export async function handOver(outside: Outside, url: string, parcel: Parcel): Promise<Answer> {
  const startedAt = outside.now();
  const end = (answer: Partial<Answer>): Answer => {
    const durationMs = outside.now() - startedAt;
    return { statusCode: null, response: null, error: null, retryAt: null, ...answer, durationMs };
  };
  // Looked at every time: what is permitted may have changed since the subscription was made.
  const refusal = addressRefusal(url, outside.allowPrivate);
  if (refusal !== null) return end({ error: `The address may not be called: ${refusal}.` });
  const { id, body, timestamp, signature } = parcel;
  const headers = {
    "content-type": "application/json",
    "user-agent": "Sluice-Webhooks/1",
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signature,
    // The same by the names that receivers of Svix verify.
    "svix-id": id,
    "svix-timestamp": String(timestamp),
    "svix-signature": signature,
  };
  try {
    const response = await answerOf(outside, url, { method: "POST", headers, body }, ANSWER_TIMEOUT_MS);
    const { status } = response;
    const retryAt = response.ok ? null : readRetryAt(response.headers, outside.now());
    return end({
      statusCode: status,
      response: await beginningOf(response),
      error: noAnswerBehind(status, "The receiver"),
      retryAt,
    });
  } catch (error) {
    return end({ error: reasonOf(error, url) });
  }
}

/** Why this address can't be subscribed; null if something answers there, whatever it says. */
export async function unreachable(outside: Outside, url: string): Promise<string | null> {
  try {
    const response = await answerOf(outside, url, { method: "HEAD" }, REACH_TIMEOUT_MS);
    abandon(response.body);
    return noAnswerBehind(response.status, "The receiver");
  } catch (error) {
    return reasonOf(error, url);
  }
}

/** Why this address may not be called; null if it may. */
export function addressRefusal(url: string, allowPrivate: boolean): string | null {
  const parsed = URL.parse(url);
  return parsed === null ? "it is not a URL" : refusalOf(parsed, { allowPrivate });
}

/** Redirects come back as they are, see `outboundFetch`: the address was judged, what it points to was not. */
function answerOf(outside: Outside, url: string, init: RequestInit, milliseconds: number): Promise<Response> {
  const timedOut = () => new NoAnswer(`The receiver did not answer within ${milliseconds / 1000} s.`);
  return withinTimeLimit({ milliseconds, timedOut }, (signal) => outside.fetch(url, { ...init, signal }));
}

/** A body that does not end in time keeps no connection open: that would also keep the object in memory. */
async function beginningOf(response: Response): Promise<string> {
  const limit = { milliseconds: BODY_TIMEOUT_MS, timedOut: () => new NoAnswer("") };
  try {
    const { bytes } = await withinTimeLimit(limit, (signal) => readBody(response, BODY_BYTES, () => undefined, signal));
    return new TextDecoder().decode(bytes);
  } catch {
    return "";
  }
}

class NoAnswer extends Error {}

/** What the platform says of a failed connection can name internals, or nothing at all; it means one of these. */
function reasonOf(error: unknown, url: string): string {
  if (error instanceof NoAnswer) return error.message;
  const certificate = url.startsWith("https:") ? "its TLS certificate was not accepted, " : "";
  return `The receiver could not be reached, ${certificate}or it closed the connection without an answer.`;
}
