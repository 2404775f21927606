import { z } from "zod";

import type { Json } from "#core/json";
import { defineComponent } from "#sources/manifest/component";
import type { Scope } from "#sources/manifest/scope";
import { text } from "#sources/manifest/text";
import { SourceFailure } from "#sources/source";
import type { Authenticator } from "./authenticator.ts";
import { header } from "./constant.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { instantOf } from "./token-answer.ts";
import { TokenQuotas, type Quota } from "./token-quotas.ts";
import { textMap } from "./text-map.ts";
import { valueAt } from "./value-at.ts";

const quotaFields = z.object({
  name: z.string(),
  remaining_path: z.array(z.string()),
  reset_path: z.array(z.string()),
  remaining_header: z.string().nullish(),
  reset_header: z.string().nullish(),
  exhaustion_status_codes: z.array(z.number()).nullish(),
});
type QuotaFields = z.infer<typeof quotaFields>;

const fields = z.object({
  tokens: z.union([text, z.array(text).min(1)]),
  token_delimiter: z.string().nullish(),
  auth_method: z.string().nullish(),
  header: z.string().nullish(),
  quota_status_source: z.object({
    url: text,
    http_method: z.enum(["GET", "POST"]).nullish(),
    request_headers: textMap.nullish(),
    unavailable_status_codes: z.array(z.number()).nullish(),
  }),
  quotas: z
    .array(quotaFields)
    .length(
      1,
      "Only one quota is counted for each token here: leave one in quotas, that of the requests of this stream.",
    ),
});

/**
 * Several tokens that are as good as each other: one is used until its quota is used up, then the next. When all are,
 * the read goes on when the first quota begins anew; nothing is slowed down before, since waiting costs nothing.
 */
export const rateLimitedMultipleTokenAuthenticator = defineComponent({
  type: "RateLimitedMultipleTokenAuthenticator",
  fields,
  build: (parsed, scope): Authenticator => {
    const source = parsed.quota_status_source;
    const [url, moreHeaders] = [source.url(scope), source.request_headers?.(scope)];
    const listed = Array.isArray(parsed.tokens) ? parsed.tokens : [parsed.tokens];
    const delimiter = Array.isArray(parsed.tokens) ? null : (parsed.token_delimiter ?? ",");
    const texts = listed.map((token) => token(scope));
    const [name, method] = [parsed.header ?? "Authorization", parsed.auth_method ?? "Bearer"];
    const [quota] = parsed.quotas;
    let quotas: TokenQuotas | null = null;
    let lastGiven: string | null = null;

    return { options, observe, renew: async () => false };

    async function options() {
      const token = await oneAtATime(scope.keepsakes, `quotas ${url.text()}`, take);
      lastGiven = token;
      return header(name, `${method} ${token}`.trim());
    }

    async function take(): Promise<string> {
      quotas ??= TokenQuotas.of(scope.keepsakes, tokensOf());
      const now = scope.now();
      for (const token of quotas.unknownAt(now)) quotas.learn(token, await quotaOf(token));
      const taken = quotas.take(now);
      if (taken.token !== null) return taken.token;
      throw new SourceFailure({
        kind: "rate_limit",
        message: `All ${quotas.size} tokens have used up their quota${quota === undefined ? "" : ` "${quota.name}"`}.`,
        retryAt: taken.retryAt,
      });
    }

    function tokensOf(): readonly string[] {
      const values = texts
        .map((token) => token.text())
        .flatMap((value) => (delimiter === null ? [value] : value.split(delimiter)));
      const tokens = values.map((value) => value.trim()).filter((value) => value !== "");
      for (const token of tokens) scope.http.conceal(token);
      if (tokens.length > 0) return tokens;
      throw new SourceFailure({
        kind: "authentication",
        message: "The connection's credentials have no token. Add at least one.",
        final: true,
      });
    }

    async function quotaOf(token: string): Promise<Quota | null> {
      const more = Object.fromEntries((moreHeaders?.() ?? []).map(([field, value]) => [field, String(value)]));
      const response = await scope.http.request({
        method: source.http_method ?? "GET",
        url: url.text(),
        headers: { ...more, [name]: `${method} ${token}`.trim() },
        expectedStatuses: source.unavailable_status_codes ?? [],
      });
      if (source.unavailable_status_codes?.includes(response.status) === true) return null;
      return quota === undefined ? null : quotaIn(response.json(), quota, scope);
    }

    function observe(response: Parameters<NonNullable<Authenticator["observe"]>>[0]): void {
      if (quotas === null || lastGiven === null || quota === undefined) return;
      const isRefused = quota.exhaustion_status_codes?.includes(response.status) === true;
      const said = Number(response.headers[quota.remaining_header?.toLowerCase() ?? ""] ?? Number.NaN);
      const remaining = Number.isNaN(said) ? (isRefused ? 0 : null) : said;
      const resetAt = instantOf(response.headers[quota.reset_header?.toLowerCase() ?? ""] ?? null);
      quotas.correct(lastGiven, { remaining, resetAt: Number.isNaN(resetAt) ? null : resetAt });
    }
  },
});

function quotaIn(document: unknown, { name, remaining_path, reset_path }: QuotaFields, scope: Scope): Quota {
  const read = (path: readonly string[]): Json => (isJson(document) ? (valueAt(document, path) ?? null) : null);
  const [remaining, resetAt] = [Number(read(remaining_path) ?? Number.NaN), instantOf(read(reset_path))];
  if (Number.isFinite(remaining) && Number.isFinite(resetAt)) return { remaining, resetAt };
  throw new SourceFailure({
    kind: "bad_response",
    message: `The answer about the quotas of stream "${scope.stream}" has no number at ${remaining_path.join(".")}, or no time at ${reset_path.join(".")}, for quota "${name}". Correct remaining_path and reset_path in the manifest.`,
    final: true,
  });
}

function isJson(value: unknown): value is Json {
  return typeof value === "object";
}
