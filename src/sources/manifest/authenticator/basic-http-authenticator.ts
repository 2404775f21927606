import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { text } from "#sources/manifest/text";
import type { Authenticator } from "./authenticator.ts";
import { constant, header } from "./constant.ts";

/** `Authorization: Basic <base64 of username:password>` (RFC 7617, section 2), in UTF-8. */
export const basicHttpAuthenticator = defineComponent({
  type: "BasicHttpAuthenticator",
  fields: z.object({ username: text, password: text.nullish() }),
  build: (fields, scope): Authenticator => {
    const username = fields.username(scope);
    const password = fields.password?.(scope);
    return constant(() => {
      const encoded = base64(`${username.text()}:${password?.text() ?? ""}`);
      scope.http.conceal(encoded);
      return header("Authorization", `Basic ${encoded}`);
    });
  },
});

function base64(value: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(value)));
}
