import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { text } from "#sources/manifest/text";
import type { BackoffStrategy } from "./backoff-strategy.ts";
import { withJitter } from "./jitter.ts";
import { secondsOf } from "./seconds.ts";

/** The same wait every time. */
export const constantBackoff = defineComponent({
  type: "ConstantBackoffStrategy",
  fields: z.object({ backoff_time_in_seconds: text, jitter_range_in_seconds: z.number().min(0).nullish() }),
  build(fields, scope): BackoffStrategy {
    const time = fields.backoff_time_in_seconds(scope);
    return {
      backoffMs: () =>
        withJitter(secondsOf(time, "backoff_time_in_seconds"), fields.jitter_range_in_seconds, scope.now()),
    };
  },
});
