import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { text } from "#sources/manifest/text";
import type { Authenticator } from "./authenticator.ts";
import { constant, header } from "./constant.ts";
import { secretText } from "./secret-text.ts";

/** `Authorization: Bearer <token>` (RFC 6750, section 2.1). */
export const bearerAuthenticator = defineComponent({
  type: "BearerAuthenticator",
  fields: z.object({ api_token: text }),
  build: (fields, scope): Authenticator => {
    const token = fields.api_token(scope);
    return constant(() => header("Authorization", `Bearer ${secretText(token, scope)}`));
  },
});
