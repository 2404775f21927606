import { z } from "zod";

import { isJsonObject } from "#core/json";
import { defineComponent } from "#sources/manifest/component";
import { decoder } from "#sources/manifest/decoder/decoder";
import { requestOption } from "#sources/manifest/requester/request-option";
import { requester } from "#sources/manifest/requester/requester";
import { text } from "#sources/manifest/text";
import type { Authenticator } from "./authenticator.ts";
import { header } from "./constant.ts";
import { lifetime } from "./lifetime.ts";
import { secretText } from "./secret-text.ts";
import { SessionToken } from "./session-token.ts";
import { signIn, tokenAt } from "./sign-in.ts";

const fields = z.preprocess(
  (value) => (isJsonObject(value) ? { ...value, definition: value } : value),
  z.object({
    login_requester: requester.schema,
    session_token_path: z.array(z.string()).min(1),
    /** Without it every request signs in for itself. */
    expiration_duration: lifetime.nullish(),
    decoder: decoder.schema.nullish(),
    request_authentication: z.discriminatedUnion("type", [
      z.object({ type: z.literal("ApiKey"), inject_into: requestOption, api_token: text.nullish() }),
      z.object({ type: z.literal("Bearer") }),
    ]),
    /** The component as a whole. */
    definition: z.unknown(),
  }),
);

/** Signs in with a request of its own, and puts the token that it gets into the others. */
export const sessionTokenAuthenticator = defineComponent({
  type: "SessionTokenAuthenticator",
  fields,
  build: (parsed, scope): Authenticator => {
    const { session_token_path: path, expiration_duration: endOf, request_authentication: use } = parsed;
    const login = parsed.login_requester(scope);
    const answerDecoder = parsed.decoder?.(scope);
    const option = use.type === "ApiKey" ? use.inject_into(scope) : null;
    const key = use.type === "ApiKey" ? use.api_token?.(scope) : undefined;

    const session = new SessionToken(scope, parsed.definition, async () => {
      const response = await signIn(login);
      const answer = answerDecoder === undefined ? response.json() : (await answerDecoder.decode(response))[0];
      return { token: tokenAt(path, answer), expiresAt: endOf?.(scope.now()) ?? null };
    });

    return {
      options: async () => {
        const token = await session.get();
        if (option === null) return header("Authorization", `Bearer ${token}`);
        return option.inject(key === undefined ? token : secretText(key, scope, { session_token: token }));
      },
      renew: () => session.renew(),
    };
  },
});
