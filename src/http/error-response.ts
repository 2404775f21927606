import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";

import { Misconfigured } from "#config";
import { Refused, type ErrorCode, type Refusal } from "#core/errors";
import { unexpectedError } from "#observability/events";
import { log } from "#observability/log";
import type { AppEnv } from "./app-env.ts";
import { jobBody } from "./schemas/job.ts";

/** Every refusal's status. */
export const STATUS = {
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  invalid: 422,
  // As Airweave answers where a readable id is taken.
  already_exists: 400,
  conflict: 409,
  job_active: 409,
  job_finished: 409,
  source_refused: 400,
  source_rate_limited: 429,
  source_unreachable: 502,
  body_too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  signature_invalid: 401,
  delivery_invalid: 400,
  unavailable: 503,
} as const satisfies Record<ErrorCode, ContentfulStatusCode>;

/** What a 401 asks for, as HTTP has it: a key, or a sender's signature over what it sends. */
const CHALLENGES: Partial<Record<ErrorCode, string>> = { unauthenticated: "Bearer", signature_invalid: "Signature" };

/** Asks clients to come back when a restart or a short outage is likely over. */
const UNAVAILABLE_RETRY_SECONDS = 5;

/** A Worker is there a moment before the tables, or the columns, that it reads. */
const TABLES_BEHIND = /^D1_ERROR: no such (?:table|column)\b/;

/** Turns anything thrown into an answer. What it doesn't know it logs, and tells the caller nothing but the request id. */
export function errorResponse(thrown: unknown, c: Context<AppEnv>): Response {
  const refusal = refusalOf(thrown);
  if (refusal !== null) return refusalResponse(refusal, c);
  if (thrown instanceof HTTPException) return c.json({ detail: thrown.message }, statusOf(thrown));
  const requestId = c.get("requestId");
  log(unexpectedError("request", requestId, thrown));
  return c.json({ detail: `Internal error. Quote this request id: ${requestId}` }, 500);
}

function refusalResponse(refusal: Refusal, c: Context<AppEnv>): Response {
  const { code, message, issues, job, retryAfterSeconds } = refusal;
  if (retryAfterSeconds !== undefined) c.header("retry-after", String(retryAfterSeconds));
  const challenge = CHALLENGES[code];
  if (challenge !== undefined) c.header("www-authenticate", challenge);
  if (code === "invalid") {
    return c.json({ detail: issues ?? [{ loc: [], msg: message, type: "value_error" }] }, STATUS[code]);
  }
  return c.json({ detail: message, ...(job === undefined ? {} : { job: jobBody(job) }) }, STATUS[code]);
}

/** The refusal in what was thrown, where there is a reason that the caller or the operator can act on. */
function refusalOf(thrown: unknown): Refusal | null {
  if (thrown instanceof Refused) return thrown.refusal;
  if (thrown instanceof Misconfigured) return { code: "unavailable", message: thrown.message };
  if (!(thrown instanceof Error)) return null;
  if (TABLES_BEHIND.test(thrown.message)) {
    return {
      code: "unavailable",
      message:
        "The database's tables are not those of this version yet. Apply the migrations: `npx wrangler d1 migrations apply DB --remote` (or `--local`).",
    };
  }
  // The platform marks errors of an object that is restarting or overloaded.
  if (isTrue(thrown, "retryable") || isTrue(thrown, "overloaded")) {
    const message = "The source connection is restarting or overloaded. Try again in a moment.";
    return { code: "unavailable", message, retryAfterSeconds: UNAVAILABLE_RETRY_SECONDS };
  }
  return null;
}

function isTrue(error: Error, property: string): boolean {
  return Reflect.get(error, property) === true;
}

function statusOf(exception: HTTPException): ContentfulStatusCode {
  return exception.status === 415 || exception.status === 413 ? exception.status : 422;
}
