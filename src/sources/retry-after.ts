/** The last moment a Date can hold. A source that asks for a later one gets this one, and the job's deadline ends it. */
const LAST_MOMENT_MS = 8_640_000_000_000_000;

const SECONDS = /^\d+(?:\.\d+)?$/;
/** `Sun, 06 Nov 1994 08:49:37 GMT`, and `Sunday, 06-Nov-94 08:49:37 GMT`, which senders may no longer use but some do. */
const HTTP_DATE = /^[A-Z][a-z]{2,8}, \d{2}[ -][A-Z][a-z]{2}[ -]\d{2,4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * When the source says it may be called again, in epoch milliseconds, never before `now`; null where it does not say.
 * Reads `Retry-After` (seconds or a date) and, where it says that nothing remains, `x-ratelimit-reset` (epoch seconds).
 */
export function readRetryAt(headers: Headers, now: number): number | null {
  const at = fromRetryAfter(headers.get("retry-after"), now) ?? fromRateLimitReset(headers);
  return at === null ? null : Math.min(Math.max(Math.ceil(at), now), LAST_MOMENT_MS);
}

/** Do the headers say that too many requests were made? Some sources answer 403 instead of 429. */
export function saysRateLimited(headers: Headers): boolean {
  return headers.has("retry-after") || hasNothingRemaining(headers);
}

function fromRetryAfter(value: string | null, now: number): number | null {
  const text = value?.trim() ?? "";
  if (SECONDS.test(text)) return now + Number(text) * 1000;
  const date = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : date;
}

function fromRateLimitReset(headers: Headers): number | null {
  const reset = headers.get("x-ratelimit-reset")?.trim() ?? "";
  return hasNothingRemaining(headers) && SECONDS.test(reset) ? Number(reset) * 1000 : null;
}

function hasNothingRemaining(headers: Headers): boolean {
  return headers.get("x-ratelimit-remaining")?.trim() === "0";
}
