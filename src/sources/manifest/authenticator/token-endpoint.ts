import { isJsonObject, type Json } from "#core/json";
import type { SourceHttp, SourceResponse } from "#sources/http-client";
import { excerpt } from "#sources/response-failure";
import { readRetryAt } from "#sources/retry-after";
import { SourceFailure } from "#sources/source";
import { valueNamed } from "./token-answer.ts";

export interface TokenRequest {
  readonly method?: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface TokenEndpoint {
  readonly http: SourceHttp;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A sentence for whoever can mend credentials that are refused. */
  readonly advice: string;
  /** Does this refusal of a request say that the refresh token itself is spent or revoked? */
  readonly saysSpent?: (status: number, answer: Json) => boolean;
  /** Names of values in the answer that are secret: they are concealed as soon as they are read. */
  readonly secretNames: readonly string[];
}

/**
 * Asks for a token. A refusal (4xx) is final: the same credentials will not be accepted a moment later.
 * Too many requests and faults of the server are to be retried, when it says.
 */
export async function askForToken(
  request: TokenRequest,
  { http, now, advice, saysSpent, secretNames }: TokenEndpoint,
): Promise<{ readonly answer: Json; readonly label: string }> {
  // A refresh token may be good for one use: what it was given for has to be kept, also of a job that is cancelled.
  const response = await http.request({ method: "POST", ...request, anyStatus: true, outlivesSlice: true });
  const label = labelOf(request, http);
  const { status } = response;
  if (status >= 200 && status <= 299) {
    const answer = jsonOf(response);
    if (answer === undefined) throw notJson(label, response, http);
    concealIn(answer, secretNames, http);
    return { answer, label };
  }
  const answer = jsonOf(response) ?? null;
  concealIn(answer, secretNames, http);
  const said = excerpt(errorIn(answer), (text) => http.redact(text));
  const refusal = `${label} answered ${status}${said === "" ? "" : `: ${said.replace(/\.$/, "")}`}.`;
  const retryAt = readRetryAt(response.headers, now());
  if (status === 429) throw new SourceFailure({ kind: "rate_limit", message: refusal, retryAt });
  if (status >= 500 || status === 408 || status === 425) {
    throw new SourceFailure({ kind: "transient", message: refusal, retryAt });
  }
  if (status < 400) throw new SourceFailure({ kind: "bad_response", message: refusal });
  const cause = saysSpent?.(status, answer) === true ? " The refresh token is expired, revoked or already used." : "";
  throw new SourceFailure({ kind: "authentication", message: `${refusal}${cause} ${advice}`, final: true });
}

/** `POST https://host/path`; the query is left out, since it may carry the credentials. */
function labelOf({ method = "POST", url }: Pick<TokenRequest, "method" | "url">, http: SourceHttp): string {
  const parsed = URL.parse(url);
  return http.redact(`${method} ${parsed === null ? "the token endpoint" : `${parsed.origin}${parsed.pathname}`}`);
}

/** RFC 6749, section 5.2: `error` is a code and `error_description` is for people. Others say `message` or nest it. */
function errorIn(answer: Json): string {
  if (!isJsonObject(answer)) return "";
  const nested = isJsonObject(answer["error"]) ? answer["error"] : {};
  const said = [answer["error"], answer["error_description"], answer["message"], nested["message"]];
  const texts = said.flatMap((part) => (typeof part === "string" && part !== "" ? [part] : []));
  return [...new Set(texts)].join(": ");
}

function jsonOf(response: SourceResponse): Json | undefined {
  try {
    return JSON.parse(response.text);
  } catch {
    return undefined;
  }
}

/** Without its beginning, which may be a token in another notation. */
function notJson(label: string, { status, headers }: SourceResponse, http: SourceHttp): SourceFailure {
  const type = headers.get("content-type") ?? "no content type";
  return new SourceFailure({
    kind: "bad_response",
    message: `${label} answered ${status} (${excerpt(type, (text) => http.redact(text))}) with something that is not JSON, so there is no token in it. Check that the address is the one that gives out tokens.`,
  });
}

function concealIn(answer: Json, names: readonly string[], http: SourceHttp): void {
  for (const name of names) {
    const value = valueNamed(name, answer);
    if (typeof value === "string" || typeof value === "number") http.conceal(String(value));
  }
}
