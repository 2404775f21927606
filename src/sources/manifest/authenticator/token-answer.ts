import { isJsonObject, type Json } from "#core/json";
import { parseAnyDatetime } from "#sources/manifest/python/any-datetime";
import { SourceFailure } from "#sources/source";

/** How deep an answer is searched for a token: some APIs wrap it in `data`, none in more than a few layers. */
const MAX_DEPTH = 5;

/** How long a token counts as good where the answer does not say; as in the CDK. */
const DEFAULT_LIFETIME_MS = 3_600_000;

/** The value by that name, on the outside or nested; the first that is found. Undefined where there is none. */
export function valueNamed(name: string, answer: Json, depth = 0): Json | undefined {
  if (depth > MAX_DEPTH || typeof answer !== "object" || answer === null) return undefined;
  if (isJsonObject(answer) && Object.hasOwn(answer, name)) return answer[name];
  const nested: readonly Json[] = Object.values(answer);
  for (const value of nested) {
    const found = valueNamed(name, value, depth + 1);
    if (found !== undefined && found !== null) return found;
  }
  return undefined;
}

export interface ExpiryTerms {
  /** The name of the value in the answer, for messages. */
  readonly name: string;
  /** Is it the time of expiry, and not the seconds until then? */
  readonly isTime: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
  /** `POST https://host/path`, for messages. */
  readonly label: string;
}

/** When the token stops being good, in epoch milliseconds. */
export function expiryOf(value: Json | undefined, { name, isTime, now, label }: ExpiryTerms): number {
  if (value === undefined || value === null) return now + DEFAULT_LIFETIME_MS;
  const at = isTime ? instantOf(value) : now + secondsIn(value) * 1000;
  if (Number.isFinite(at)) return at;
  const expected = isTime
    ? "a time"
    : "a number of seconds. If it is a time, the manifest has to give token_expiry_date_format";
  throw new SourceFailure({
    kind: "bad_response",
    message: `${label} answered with a token whose ${name} is not ${expected}.`,
    final: true,
  });
}

function secondsIn(value: Json): number {
  const isNumeric = typeof value === "number" || (typeof value === "string" && value.trim() !== "");
  return isNumeric ? Math.trunc(Number(value)) : Number.NaN;
}

/** Epoch milliseconds; NaN where the value is no time. */
export function instantOf(value: Json): number {
  if (typeof value !== "string" && typeof value !== "number") return Number.NaN;
  try {
    return Number(parseAnyDatetime(String(value)).epochMicros) / 1000;
  } catch {
    return Number.NaN;
  }
}
