import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { isAbout } from "./call-matcher.ts";
import type { CallRatePolicy } from "./call-rate-policy.ts";
import { httpRequestRegexMatcher } from "./http-request-regex-matcher.ts";

/** Exempts calls from the policies that come after it. */
export const unlimitedCallRatePolicy = defineComponent({
  type: "UnlimitedCallRatePolicy",
  fields: z.object({ matchers: z.array(httpRequestRegexMatcher.schema) }),
  build(fields, scope): CallRatePolicy {
    const matchers = fields.matchers.map((matcher) => matcher(scope));
    return { isAbout: (call) => isAbout(matchers, call), acquire: () => null, update: () => undefined };
  },
});
