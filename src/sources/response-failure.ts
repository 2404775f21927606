import type { FailureKind } from "#core/failure";
import { isJsonObject } from "#core/json";
import { noAnswerBehind } from "./edge-status.ts";
import { readRetryAt, saysRateLimited } from "./retry-after.ts";
import { SourceFailure } from "./source.ts";

/** Enough to recognise an error by; a whole page of HTML in a job's error helps nobody. */
const MAX_EXCERPT_LENGTH = 200;

export interface RefusedResponse {
  /** `GET https://host/path`. */
  readonly label: string;
  readonly status: number;
  readonly headers: Headers;
  /** The body, or the beginning of it. */
  readonly text: string;
  readonly redact: (text: string) => string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The failure that an answer outside 2xx stands for. */
export function failureOf({ label, status, headers, text, redact, now }: RefusedResponse): SourceFailure {
  // Before the markup goes, which a secret may look like; the excerpt is without those that were in pieces between it.
  const own = () => excerpt(withoutMarkup(redact(errorMessageOf(text))), redact);
  const said = noAnswerBehind(status, "the server") ?? own();
  return new SourceFailure({
    kind: kindOf(status, headers),
    message: `${label} answered ${status}${said === "" ? "." : `: ${said}`}`,
    retryAt: readRetryAt(headers, now),
  });
}

function kindOf(status: number, headers: Headers): FailureKind {
  return status === 403 && saysRateLimited(headers) ? "rate_limit" : kindOfStatus(status);
}

/** The kind of failure that a status by itself stands for. */
export function kindOfStatus(status: number): FailureKind {
  switch (status) {
    case 401:
      return "authentication";
    case 403:
      return "permission";
    case 404:
    case 410:
      return "not_found";
    case 408:
    case 425:
      return "transient";
    case 429:
      return "rate_limit";
    default:
      if (status >= 500) return "transient";
      return status >= 400 ? "bad_request" : "bad_response";
  }
}

/** What a body says to people: the usual fields of a JSON error, or the text. */
function errorMessageOf(text: string): string {
  const parsed = parseOrNull(text);
  if (isJsonObject(parsed)) {
    const nested = isJsonObject(parsed["error"]) ? parsed["error"] : {};
    const said = [parsed["error"], parsed["message"], parsed["detail"], parsed["reason"], nested["message"]];
    return [...new Set(said.filter((part) => typeof part === "string"))].join(": ");
  }
  return text;
}

function withoutMarkup(text: string): string {
  return text.replaceAll(/<(script|style)\b.*?<\/\1\s*>/gis, " ").replaceAll(/<[^>]*>/g, " ");
}

/**
 * One line, cut to a length that fits a message, without what is secret: gone before the line is made, since a secret may
 * have line breaks of its own, after, since others may have been laid out over several, and before the cut, since half of
 * one is known no more.
 */
export function excerpt(text: string, redact: (text: string) => string): string {
  const line = redact(redact(text).replaceAll(/\s+/g, " ").trim());
  return line.length > MAX_EXCERPT_LENGTH ? `${line.slice(0, MAX_EXCERPT_LENGTH).toWellFormed()}…` : line;
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
