import { z } from "zod";

import { isJsonObject, type Json } from "#core/json";
import { defineComponent } from "#sources/manifest/component";
import { SourceFailure } from "#sources/source";
import type { Scope } from "#sources/manifest/scope";
import type { Authenticator } from "./authenticator.ts";
import { header } from "./constant.ts";
import { digestOf } from "./digest.ts";
import { oauthFields, type OauthFields } from "./oauth-fields.ts";
import { grantOf, type Grant } from "./oauth-grant.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { expiryOf, valueNamed } from "./token-answer.ts";
import { askForToken, type TokenEndpoint } from "./token-endpoint.ts";

/** What was obtained last. Kept, since it outlives a slice, and since a refresh token may be good for one use. */
const tokensSchema = z.object({
  /** Null once the API has refused it. */
  accessToken: z.string().nullable(),
  /** Epoch milliseconds. */
  expiresAt: z.number(),
  /** The one that came last; null where none ever came, and the config's is the one to use. */
  refreshToken: z.string().nullable(),
});
type Tokens = z.infer<typeof tokensSchema>;

const ADVICE =
  "Sign in to the API again to get new credentials, and replace the connection's with them; check client id and secret.";

/** `Authorization: Bearer <token>`, with a token obtained by OAuth 2.0 (RFC 6749) and renewed when it expires. */
export const oauthAuthenticator = defineComponent({
  type: "OAuthAuthenticator",
  fields: oauthFields,
  build: (fields, scope): Authenticator => new OauthTokens(fields, scope),
});

class OauthTokens implements Authenticator {
  readonly #fields: OauthFields;
  readonly #scope: Scope;
  #grant: { readonly grant: Grant; readonly name: string } | null = null;
  #lastGiven: string | null = null;

  constructor(fields: OauthFields, scope: Scope) {
    this.#fields = fields;
    this.#scope = scope;
  }

  async options() {
    const token = await this.#token();
    this.#lastGiven = token;
    return header("Authorization", `Bearer ${token}`);
  }

  async renew(): Promise<boolean> {
    const { grant, name } = await this.#terms();
    if (grant.endpoint === null) return false;
    return oneAtATime(this.#scope.keepsakes, name, async () => {
      const kept = await this.#read(name);
      const current = kept === null ? (grant.initial?.token ?? null) : kept.accessToken;
      // Another stream may have had it renewed meanwhile.
      if (current === null || current !== this.#lastGiven) return true;
      await this.#write(name, { accessToken: null, expiresAt: 0, refreshToken: kept?.refreshToken ?? null });
      return true;
    });
  }

  async #token(): Promise<string> {
    const { grant, name } = await this.#terms();
    const usable = await this.#usable(grant, name);
    if (usable !== null) return usable;
    if (grant.endpoint === null) {
      throw new SourceFailure({
        kind: "authentication",
        message: `The connection's credentials have no access token. ${ADVICE}`,
        final: true,
      });
    }
    return oneAtATime(this.#scope.keepsakes, name, async () => {
      return (await this.#usable(grant, name)) ?? this.#refresh(grant, name);
    });
  }

  /** The token that came last or that the config has, if it is still good. */
  async #usable({ initial }: Grant, name: string): Promise<string | null> {
    const kept = await this.#read(name);
    const token = kept === null ? initial : { token: kept.accessToken, expiresAt: kept.expiresAt };
    return token !== null && this.#scope.now() <= token.expiresAt ? token.token : null;
  }

  async #refresh(grant: Grant, name: string): Promise<string> {
    const refreshToken = (await this.#read(name))?.refreshToken ?? grant.refreshToken;
    const assertion = (await this.#fields.profile_assertion?.(this.#scope).token()) ?? null;
    const { answer, label } = await askForToken(grant.request(refreshToken, assertion), this.#endpoint(grant));
    const accessToken = textOf(valueNamed(grant.accessTokenName, answer));
    if (accessToken === null) {
      throw new SourceFailure({
        kind: "bad_response",
        message: `${label} answered without a token: there is no ${grant.accessTokenName} in its JSON. Check token_refresh_endpoint and access_token_name in the manifest.`,
        final: true,
      });
    }
    const terms = { name: grant.expiresInName, isTime: grant.expiryIsTime, now: this.#scope.now(), label };
    const expiresAt = expiryOf(valueNamed(grant.expiresInName, answer), terms);
    const successor = refreshToken === null ? null : textOf(valueNamed(grant.refreshTokenName, answer));
    // Before the access token is used: the refresh token that it came for may be worth nothing from here on.
    await this.#write(name, { accessToken, expiresAt, refreshToken: successor ?? refreshToken });
    return accessToken;
  }

  #endpoint(grant: Grant): TokenEndpoint {
    const { http, now } = this.#scope;
    const secretNames = [grant.accessTokenName, grant.refreshTokenName];
    return { http, now, advice: ADVICE, secretNames, saysSpent: (status, answer) => this.#saysSpent(status, answer) };
  }

  /** By the signs that the manifest names, or by what RFC 6749, section 5.2, says. */
  #saysSpent(status: number, answer: Json): boolean {
    if (!isJsonObject(answer)) return false;
    if (answer["error"] === "invalid_grant") return true;
    return [this.#fields, this.#fields.refresh_token_updater].some((signs) => {
      const value = answer[signs?.refresh_token_error_key ?? ""];
      return (
        signs?.refresh_token_error_status_codes?.includes(status) === true &&
        typeof value === "string" &&
        signs.refresh_token_error_values?.includes(value) === true
      );
    });
  }

  async #terms(): Promise<{ readonly grant: Grant; readonly name: string }> {
    if (this.#grant !== null) return this.#grant;
    const grant = grantOf(this.#fields, this.#scope);
    for (const secret of [grant.refreshToken, grant.initial?.token]) this.#scope.http.conceal(secret ?? "");
    this.#grant = { grant, name: `oauth ${await digestOf(grant.terms)}` };
    return this.#grant;
  }

  async #read(name: string): Promise<Tokens | null> {
    const parsed = tokensSchema.safeParse(await this.#scope.keepsakes.read(name));
    if (!parsed.success) return null;
    const { accessToken, refreshToken } = parsed.data;
    for (const secret of [accessToken, refreshToken]) this.#scope.http.conceal(secret ?? "");
    return parsed.data;
  }

  async #write(name: string, tokens: Tokens): Promise<void> {
    await this.#scope.keepsakes.write(name, tokens);
  }
}

function textOf(value: Json | undefined): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : null;
}
