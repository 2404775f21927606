import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { requestOption } from "#sources/manifest/requester/request-option";
import { text } from "#sources/manifest/text";
import type { Authenticator } from "./authenticator.ts";
import { constant, header } from "./constant.ts";
import { secretText } from "./secret-text.ts";

const fields = z
  .object({
    api_token: text.nullish(),
    /** The older way to say `inject_into` a header. */
    header: text.nullish(),
    inject_into: requestOption.nullish(),
  })
  .superRefine(({ header: name, inject_into: option }, context) => {
    if ((name ?? null) === null && (option ?? null) === null) {
      context.addIssue({
        code: "custom",
        path: ["inject_into"],
        message: "Say where the key goes: inject_into (a RequestOption), or header.",
      });
    }
    if ((name ?? null) !== null && (option ?? null) !== null) {
      context.addIssue({
        code: "custom",
        path: ["header"],
        message: "inject_into and header both say where the key goes. Remove header, the older of the two.",
      });
    }
  });

/** A key in a header, a query parameter or the body. */
export const apiKeyAuthenticator = defineComponent({
  type: "ApiKeyAuthenticator",
  fields,
  build: (parsed, scope): Authenticator => {
    const token = parsed.api_token?.(scope);
    const name = parsed.header?.(scope);
    const option = parsed.inject_into?.(scope);
    return constant(() => {
      const key = token === undefined ? "" : secretText(token, scope);
      return option?.inject(key) ?? header(name?.text() ?? "", key);
    });
  },
});
