import type { Json, JsonObject } from "#core/json";
import type { Scope } from "#sources/manifest/scope";
import type { Text } from "#sources/manifest/text";
import type { Definition } from "#sources/manifest/component";
import { SourceFailure } from "#sources/source";
import { encodeQuery } from "#sources/manifest/requester/query";
import type { OauthFields } from "./oauth-fields.ts";
import { instantOf } from "./token-answer.ts";
import type { TokenRequest } from "./token-endpoint.ts";
import { valueAt } from "./value-at.ts";

/** Extension grant of RFC 7523, section 2.1: a signed assertion instead of a refresh token. */
const ASSERTION_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** What a token is asked for with, as the connection's config has it. */
export interface Grant {
  /** Null where the config has the access token itself, and there is nowhere to get another. */
  readonly endpoint: string | null;
  /** The refresh token that the config has; null where the grant takes none. */
  readonly refreshToken: string | null;
  /** The access token that the config has, good until then (epoch milliseconds); null where there is none. */
  readonly initial: { readonly token: string; readonly expiresAt: number } | null;
  readonly accessTokenName: string;
  readonly refreshTokenName: string;
  readonly expiresInName: string;
  readonly expiryIsTime: boolean;
  /** Everything that decides which token is obtained; one obtained with other terms is another. */
  readonly terms: Json;
  /** Null for the refresh token where none is sent. */
  request(refreshToken: string | null, assertion: string | null): TokenRequest;
}

/** Throws SourceFailure where the config lacks what the grant needs. */
export function grantOf(fields: OauthFields, scope: Scope): Grant {
  const valueOf = (field: Definition<Text> | null | undefined, otherwise: string) => {
    const built = field?.(scope);
    // An expression can come to None, which as a text is not empty.
    return (built === undefined || built.value() === null ? "" : built.text()) || otherwise;
  };
  const updater = fields.refresh_token_updater ?? null;
  const inConfig = (path: readonly string[] | null | undefined, otherwise: readonly string[]) =>
    textAt(scope.config, path ?? otherwise);

  const endpoint = (fields.token_refresh_endpoint ?? null) === null ? null : valueOf(fields.token_refresh_endpoint, "");
  if (endpoint === "") throw lacking("the address to obtain tokens from (token_refresh_endpoint)");
  const usesAssertion = isTrue(fields.use_profile_assertion?.(scope).value());
  const grantType = usesAssertion ? ASSERTION_GRANT : valueOf(fields.grant_type, "refresh_token");
  const names = {
    grantType: valueOf(fields.grant_type_name, "grant_type"),
    clientId: valueOf(fields.client_id_name, "client_id"),
    clientSecret: valueOf(fields.client_secret_name, "client_secret"),
    refreshToken: updater === null ? valueOf(fields.refresh_token_name, "refresh_token") : updater.refresh_token_name,
  };
  const refreshTokenName = names.refreshToken ?? "refresh_token";
  const configured = valueOf(fields.refresh_token, "");
  const refreshToken =
    updater === null
      ? (fields.refresh_token ?? null) === null
        ? null
        : configured
      : inConfig(updater.refresh_token_config_path, ["credentials", "refresh_token"]) || configured;
  const [ownId, ownSecret] =
    updater === null
      ? ["", ""]
      : ["client_id", "client_secret"].map((name) => textAt(scope.config, ["credentials", name]));
  const clientId = ownId || valueOf(fields.client_id, "");
  const clientSecret = ownSecret || valueOf(fields.client_secret, "");
  const headers = Object.fromEntries(
    (fields.refresh_request_headers?.(scope)() ?? []).map(([name, value]) => [name, headerText(value)]),
  );
  const extra = fields.refresh_request_body?.(scope)() ?? [];
  const scopes = fields.scopes ?? [];
  const isClientInHeader = Object.hasOwn(headers, "Authorization");
  const takesRefreshToken = grantType === "refresh_token";

  if (endpoint !== null && !usesAssertion) {
    if (!isClientInHeader && clientId === "") throw lacking("the OAuth client's id (client_id)");
    if (takesRefreshToken && (refreshToken ?? "") === "") throw lacking("the refresh token (refresh_token)");
  }

  return {
    endpoint,
    refreshToken,
    initial: initialToken(),
    accessTokenName: valueOf(fields.access_token_name, "access_token"),
    refreshTokenName,
    expiresInName: valueOf(fields.expires_in_name, "expires_in"),
    expiryIsTime: (fields.token_expiry_date_format ?? "") !== "",
    terms: [
      endpoint,
      grantType,
      clientId,
      clientSecret,
      refreshToken,
      [...scopes],
      encodeQuery(Object.fromEntries(extra)),
      headers,
    ],
    request,
  };

  function request(currentRefreshToken: string | null, assertion: string | null): TokenRequest {
    const sent = usesAssertion
      ? [[names.grantType, grantType] as const, ["assertion", assertion] as const]
      : standardFields(currentRefreshToken);
    const encoded = encodeQuery(Object.fromEntries(sent));
    const inQuery = fields.send_refresh_request_as_query_params === true && !usesAssertion;
    const url = endpoint ?? "";
    if (inQuery) return { url: `${url}${url.includes("?") ? "&" : "?"}${encoded}`, headers };
    return {
      url,
      headers: { "content-type": "application/x-www-form-urlencoded", ...lowerCased(headers) },
      body: encoded,
    };
  }

  /** In the CDK's order. What the manifest adds does not override what the grant itself says. */
  function standardFields(currentRefreshToken: string | null): readonly (readonly [name: string, value: unknown])[] {
    const standard: (readonly [string, unknown])[] = [[names.grantType, grantType]];
    if (!isClientInHeader) standard.push([names.clientId, clientId], [names.clientSecret, clientSecret]);
    standard.push([refreshTokenName, currentRefreshToken]);
    if (scopes.length > 0) standard.push(["scopes", scopes]);
    const taken = new Set(standard.map(([name]) => name));
    return [...standard, ...extra.filter(([name]) => !taken.has(name))];
  }

  function initialToken(): Grant["initial"] {
    const token =
      updater === null
        ? valueOf(fields.access_token_value, "")
        : inConfig(updater.access_token_config_path, ["credentials", "access_token"]);
    if (token === "") return null;
    const expiry =
      updater === null
        ? valueOf(fields.token_expiry_date, "")
        : inConfig(updater.token_expiry_date_config_path, ["credentials", "token_expiry_date"]);
    // Without a date it counts as expired, unless there is nowhere to get another.
    const expiresAt = endpoint === null ? Number.POSITIVE_INFINITY : expiry === "" ? 0 : instantOf(expiry);
    if (Number.isNaN(expiresAt)) {
      throw new SourceFailure({
        kind: "bad_request",
        message:
          "The expiry date of the access token in the connection's config is not a time. Correct it, or leave it out.",
        final: true,
      });
    }
    return { token, expiresAt };
  }
}

function lacking(what: string): SourceFailure {
  return new SourceFailure({
    kind: "authentication",
    message: `The connection's config and credentials lack ${what}. Complete them.`,
    final: true,
  });
}

function textAt(config: JsonObject, path: readonly string[]): string {
  const value = valueAt(config, path);
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

function isTrue(value: unknown): boolean {
  return value === true || value === "True" || value === "true";
}

function headerText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? "");
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
