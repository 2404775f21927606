import type { Failure, FailureKind } from "#core/failure";
import { excerpt } from "#sources/response-failure";
import { readRetryAt } from "#sources/retry-after";
import { SourceFailure } from "#sources/source";
import type { ApiResponse } from "#sources/manifest/api-response";
import type { ErrorHandler, Resolution } from "#sources/manifest/error-handler/error-handler";
import { errorMessageIn } from "#sources/manifest/error-handler/error-message";
import type { Scope } from "#sources/manifest/scope";

type Unsuccessful = Extract<Resolution, { readonly kind: FailureKind }>;

/** Kinds that the job tries again by itself. */
const PASSING: ReadonlySet<FailureKind> = new Set(["transient", "rate_limit"]);

/** Tries after the first that the CDK makes for statuses that seldom get better by themselves. */
const RETRIES_OF_THE_UNLIKELY = 5;

/** The last moment a Date can hold. */
const LAST_MOMENT_MS = 8_640_000_000_000_000;

/** An answer that is not what was asked for, and what was decided about it. */
export interface Refused {
  readonly method: string;
  readonly response: ApiResponse;
  readonly resolution: Unsuccessful;
  readonly handler: ErrorHandler;
  readonly scope: Scope;
}

/** The failure that an answer is: for good, or until a time that the API or the manifest says. */
export function failureOf({ method, response, resolution, handler, scope }: Refused): SourceFailure {
  const message = messageFor(method, response, resolution.message, scope);
  const { kind } = resolution;
  if (resolution.action === "FAIL") return new SourceFailure({ kind, message, final: true });
  const limit = handler.maxRetries ?? (PASSING.has(kind) ? Number.POSITIVE_INFINITY : RETRIES_OF_THE_UNLIKELY);
  if (scope.attempts >= limit) return new SourceFailure({ kind, message, final: true });
  const asked = readRetryAt(new Headers(response.headers), scope.now());
  const backoff = handler.backoffMs(response, scope.attempts + 1);
  const times = [asked, backoff === null ? null : scope.now() + backoff].filter((time) => time !== null);
  return new SourceFailure({
    kind: PASSING.has(kind) ? kind : "transient",
    message,
    retryAt: times.length === 0 ? null : Math.min(Math.max(...times), LAST_MOMENT_MS),
  });
}

/** A request that got no answer, with the manifest's say about when to try again. */
export function unanswered(error: unknown, handler: ErrorHandler, scope: Scope): unknown {
  if (!(error instanceof SourceFailure)) return error;
  const { failure } = error;
  if (failure.final || failure.kind !== "transient") return error;
  const limit = handler.maxRetries ?? Number.POSITIVE_INFINITY;
  if (scope.attempts >= limit) return new SourceFailure({ ...failure, final: true });
  const backoff = handler.backoffMs(null, scope.attempts + 1);
  if (backoff === null) return error;
  const retryAt: Failure["retryAt"] = Math.min(Math.max(failure.retryAt ?? 0, scope.now() + backoff), LAST_MOMENT_MS);
  return new SourceFailure({ ...failure, retryAt });
}

/** `GET https://host/path answered 403: …`, with the manifest's explanation first where there is one. */
function messageFor(method: string, response: ApiResponse, explanation: string, scope: Scope): string {
  const redact = (text: string) => scope.http.redact(text);
  // Before the markup goes, which a secret may look like; the excerpt is without those that were in pieces between it.
  const said = excerpt(withoutMarkup(redact(saidIn(response))), redact);
  const answered = `${labelOf(method, response.url, scope)} answered ${response.status}`;
  const whole = said === "" ? `${answered}.` : `${answered}: ${said}`;
  return explanation === "" ? whole : `${excerpt(explanation, redact)} (${whole})`;
}

/** A refusal that can't be read is still a refusal. */
function saidIn(response: ApiResponse): string {
  try {
    return errorMessageIn(response) ?? "";
  } catch {
    return "";
  }
}

/** Queries are left out, since they often carry tokens. */
export function labelOf(method: string, url: string, scope: Scope): string {
  const parsed = URL.parse(url);
  const address = parsed === null ? "an address" : `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
  return scope.http.redact(`${method} ${address}`);
}

/** So much of a body is looked at: errors are told at its beginning. */
const LOOKED_AT = 16_384;

function withoutMarkup(text: string): string {
  return text
    .slice(0, LOOKED_AT)
    .replaceAll(/<(script|style)\b.*?<\/\1\s*>/gis, " ")
    .replaceAll(/<[^>]*>/g, " ");
}
