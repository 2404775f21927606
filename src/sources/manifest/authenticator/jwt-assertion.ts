import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { requestOption } from "#sources/manifest/requester/request-option";
import type { Scope } from "#sources/manifest/scope";
import { text } from "#sources/manifest/text";
import { SourceFailure } from "#sources/source";
import { JWT_ALGORITHMS, signingWith, UnusableKey, type Sign } from "./jwt-signing.ts";
import { pythonJson } from "./python-json.ts";
import { textMap, type TextMap } from "./text-map.ts";

/** Names that the authenticator itself sets (RFC 7515, section 4.1; RFC 7519, section 4.1). */
const OWN_HEADERS = ["kid", "alg", "typ", "cty"];
const OWN_CLAIMS = ["iss", "sub", "aud", "iat", "exp", "nbf"];

const DEFAULT_DURATION_SECONDS = 1200;

/** The fields of a JwtAuthenticator, as the manifest has them. */
export const jwtFields = z.object({
  secret_key: text,
  algorithm: z.enum(JWT_ALGORITHMS, {
    error: ({ input }) =>
      `${JSON.stringify(input)} can't be signed with here. Use one of ${JWT_ALGORITHMS.join(", ")}, as the API allows.`,
  }),
  base64_encode_secret_key: text.nullish(),
  passphrase: text.nullish(),
  /** Seconds. */
  token_duration: z.number().int().nullish(),
  jwt_headers: z.object({ kid: text.nullish(), typ: text.nullish(), cty: text.nullish() }).nullish(),
  additional_jwt_headers: textMap.nullish(),
  jwt_payload: z.object({ iss: text.nullish(), sub: text.nullish(), aud: text.nullish() }).nullish(),
  additional_jwt_payload: textMap.nullish(),
  header_prefix: text.nullish(),
  request_option: requestOption.nullish(),
});
export type JwtFields = z.infer<typeof jwtFields>;

export interface JwtAssertion {
  /** With the prefix, where the manifest gives one. Throws SourceFailure where the key does not sign. */
  token(): Promise<string>;
}

/** A JWT that the connection's own key signs, as an assertion of who is calling. */
export const jwtAssertion = defineComponent({
  type: "JwtAuthenticator",
  fields: jwtFields,
  build: createJwtAssertion,
}).schema;

export function createJwtAssertion(fields: JwtFields, scope: Scope): JwtAssertion {
  const secret = fields.secret_key(scope);
  const passphrase = fields.passphrase?.(scope);
  const prefix = fields.header_prefix?.(scope);
  const encodesSecret = fields.base64_encode_secret_key?.(scope);
  const [kid, typ, cty] = [
    fields.jwt_headers?.kid?.(scope),
    fields.jwt_headers?.typ?.(scope),
    fields.jwt_headers?.cty?.(scope),
  ];
  const [iss, sub, aud] = [
    fields.jwt_payload?.iss?.(scope),
    fields.jwt_payload?.sub?.(scope),
    fields.jwt_payload?.aud?.(scope),
  ];
  const moreHeaders = fields.additional_jwt_headers?.(scope);
  const morePayload = fields.additional_jwt_payload?.(scope);
  let sign: Promise<Sign> | null = null;
  let last: { readonly signed: string; readonly token: string } | null = null;

  return { token };

  async function token(): Promise<string> {
    const [header, payload] = [headerOf(), pythonJson(payloadOf())];
    const signed = `${JSON.stringify(header)} ${payload}`;
    try {
      // The same within a second: most requests of a page of streams share one.
      if (last?.signed !== signed) last = { signed, token: await (await signing())(header, payload) };
    } catch (error) {
      if (!(error instanceof UnusableKey)) throw error;
      throw new SourceFailure({
        kind: "authentication",
        message: `No token could be signed. ${error.message} Correct the key in the connection's credentials.`,
        final: true,
      });
    }
    scope.http.conceal(last.token);
    const prefixText = prefix?.text() ?? "";
    return prefixText === "" ? last.token : `${prefixText} ${last.token}`;
  }

  function signing(): Promise<Sign> {
    const value = secret.text();
    scope.http.conceal(value);
    const isEncoded = encodesSecret?.value() === true;
    sign ??= signingWith({
      algorithm: fields.algorithm,
      secret: isEncoded ? base64(value) : value,
      passphrase: passphrase?.text() ?? "",
    });
    return sign;
  }

  /** Its names in order, as PyJWT writes them. */
  function headerOf() {
    const own = [
      ["kid", kid?.text()],
      ["typ", typ === undefined ? "JWT" : typ.text()],
      ["cty", cty?.text()],
    ] as const;
    const entries = [...additional(moreHeaders, OWN_HEADERS, "additional_jwt_headers"), ...own];
    const present = entries.filter(([, value]) => value !== undefined && value !== "");
    const sorted = [...present, ["alg", fields.algorithm] as const].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return { ...Object.fromEntries(sorted), alg: fields.algorithm };
  }

  function payloadOf() {
    const issuedAt = Math.floor(scope.now() / 1000);
    const own = [
      ["iss", iss?.text()],
      ["sub", sub?.value()],
      ["aud", aud?.value()],
      ["iat", issuedAt],
      ["exp", issuedAt + (fields.token_duration ?? DEFAULT_DURATION_SECONDS)],
      ["nbf", issuedAt],
    ] as const;
    return Object.fromEntries([
      ...additional(morePayload, OWN_CLAIMS, "additional_jwt_payload"),
      ...own.filter(([, value]) => value !== undefined),
    ]);
  }
}

function additional(entries: TextMap | undefined, own: readonly string[], field: string) {
  const added = entries?.() ?? [];
  const [taken] = added.map(([name]) => name).filter((name) => own.includes(name));
  if (taken === undefined) return added;
  throw new SourceFailure({
    kind: "bad_request",
    message: `The manifest sets ${taken} in ${field} of its JwtAuthenticator, where it has a field of its own. Set it there.`,
    final: true,
  });
}

function base64(value: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(value)));
}
