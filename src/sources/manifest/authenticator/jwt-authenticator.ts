import { defineComponent } from "#sources/manifest/component";
import type { Authenticator } from "./authenticator.ts";
import { header } from "./constant.ts";
import { createJwtAssertion, jwtFields } from "./jwt-assertion.ts";

/** A JWT (RFC 7519) signed for the request, in the Authorization header or where `request_option` says. */
export const jwtAuthenticator = defineComponent({
  type: "JwtAuthenticator",
  fields: jwtFields,
  build: (fields, scope): Authenticator => {
    const assertion = createJwtAssertion(fields, scope);
    const option = fields.request_option?.(scope);
    return {
      options: async () => {
        const token = await assertion.token();
        return option?.inject(token) ?? header("Authorization", token);
      },
      // A token that was just signed and is refused would be signed the same again.
      renew: async () => false,
    };
  },
});
