import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { text } from "#sources/manifest/text";
import type { BackoffStrategy } from "./backoff-strategy.ts";
import { headerTerms, numberInHeader } from "./header-number.ts";
import { allowWait } from "./longest-wait.ts";
import { secondsOf } from "./seconds.ts";

/** Until the time that a header says, in epoch seconds, but at least `min_wait` seconds. */
export const waitUntilTimeFromHeader = defineComponent({
  type: "WaitUntilTimeFromHeader",
  fields: z.object({
    header: text,
    min_wait: text.nullish(),
    regex: text.nullish(),
    max_waiting_time_in_seconds: text.nullish(),
  }),
  build(fields, scope): BackoffStrategy {
    const terms = headerTerms(fields, scope);
    const minimum = fields.min_wait?.(scope) ?? null;
    const longest = fields.max_waiting_time_in_seconds?.(scope) ?? null;
    return {
      backoffMs(response) {
        const shortest = minimum === null ? 0 : secondsOf(minimum, "min_wait");
        const until = numberInHeader(response, terms);
        const fromHeader = until === null || until === 0 ? null : until - scope.now() / 1000;
        if (fromHeader === null) return shortest > 0 ? allowWait(shortest, longest, scope) : null;
        if (shortest > 0) return allowWait(Math.max(fromHeader, shortest), longest, scope);
        return fromHeader < 0 ? null : allowWait(fromHeader, longest, scope);
      },
    };
  },
});
