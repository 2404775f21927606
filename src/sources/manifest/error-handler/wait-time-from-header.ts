import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { text } from "#sources/manifest/text";
import type { BackoffStrategy } from "./backoff-strategy.ts";
import { headerTerms, numberInHeader } from "./header-number.ts";
import { allowWait } from "./longest-wait.ts";

/** As long as a header says, in seconds. */
export const waitTimeFromHeader = defineComponent({
  type: "WaitTimeFromHeader",
  fields: z.object({ header: text, regex: text.nullish(), max_waiting_time_in_seconds: text.nullish() }),
  build(fields, scope): BackoffStrategy {
    const terms = headerTerms(fields, scope);
    const longest = fields.max_waiting_time_in_seconds?.(scope) ?? null;
    return {
      backoffMs(response) {
        const seconds = numberInHeader(response, terms);
        // Nothing to wait for is no wait that could be too long.
        return seconds === null || seconds === 0 ? null : allowWait(seconds, longest, scope);
      },
    };
  },
});
