import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { contextOf, type Scope } from "#sources/manifest/scope";
import { text } from "#sources/manifest/text";
import { SourceFailure } from "#sources/source";
import type { Authenticator } from "./authenticator.ts";
import { header } from "./constant.ts";
import { SessionToken } from "./session-token.ts";
import { tokenAt } from "./sign-in.ts";
import { askForToken } from "./token-endpoint.ts";

/** How long a session counts as good, since these APIs do not say; as in the CDK. */
const LIFETIME_MS = 86_400_000;

const ADVICE = "Check the session token, or the username and password, in the connection's credentials.";

/** A session token from the config, or one that username and password get. Addresses are below the requester's own. */
export const legacySessionTokenAuthenticator = defineComponent({
  type: "LegacySessionTokenAuthenticator",
  fields: z.object({
    header: text,
    login_url: text,
    session_token: text.nullish(),
    session_token_response_key: text,
    username: text.nullish(),
    password: text.nullish(),
    validate_session_url: text,
  }),
  build: (fields, scope): Authenticator => {
    const name = fields.header(scope);
    const login = fields.login_url(scope);
    const given = fields.session_token?.(scope);
    const key = fields.session_token_response_key(scope);
    const username = fields.username?.(scope);
    const password = fields.password?.(scope);
    const validation = fields.validate_session_url(scope);
    const definition = ["legacy", scope.urlBase ?? "", login.source, name.source, key.source];
    let isGivenGood: boolean | null = null;

    const session = new SessionToken(scope, definition, async () => {
      const [user, secret] = [username?.text() ?? "", password?.text() ?? ""];
      if (user === "" || secret === "") {
        throw new SourceFailure({
          kind: "authentication",
          message: `The session token is missing or not accepted, and there is no username and password to get another. ${ADVICE}`,
          final: true,
        });
      }
      const { answer } = await askForToken(
        {
          url: `${apiUrl(scope)}${login.text()}`,
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ username: user, password: secret }),
        },
        { http: scope.http, now: scope.now, advice: ADVICE, secretNames: [key.text()] },
      );
      return { token: tokenAt([key.text()], answer), expiresAt: scope.now() + LIFETIME_MS };
    });

    return {
      options: async () => {
        const token = given?.text() ?? "";
        if (token !== "") {
          scope.http.conceal(token);
          isGivenGood ??= await isAccepted(scope, `${apiUrl(scope)}${validation.text()}`, { [name.text()]: token });
        }
        return header(name.text(), token !== "" && isGivenGood === true ? token : await session.get());
      },
      renew: async () => {
        if (isGivenGood !== true) return session.renew();
        isGivenGood = null;
        return (username?.text() ?? "") !== "";
      },
    };
  },
});

function apiUrl(scope: Scope): string {
  return scope.compile(scope.urlBase ?? "").render(contextOf(scope));
}

/** Only "unauthorized" says that the token is not good; any other refusal is about something else. */
async function isAccepted(scope: Scope, url: string, headers: Readonly<Record<string, string>>): Promise<boolean> {
  const response = await scope.http.request({ url, headers, expectedStatuses: [401] });
  return response.status !== 401;
}
