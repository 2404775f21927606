import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { text } from "#sources/manifest/text";
import type { BackoffStrategy } from "./backoff-strategy.ts";
import { withJitter } from "./jitter.ts";
import { secondsOf } from "./seconds.ts";

const DEFAULT_FACTOR_SECONDS = 5;

/** Doubled further, a wait would come after any job's deadline: 2^20 seconds are twelve days. */
const MAX_DOUBLINGS = 20;

/** Twice as long every time: `factor * 2 ** try`, beginning with the first power. */
export const exponentialBackoff = defineComponent({
  type: "ExponentialBackoffStrategy",
  fields: z.object({ factor: text.nullish(), jitter_range_in_seconds: z.number().min(0).nullish() }),
  build(fields, scope): BackoffStrategy {
    const factor = fields.factor?.(scope) ?? null;
    return {
      backoffMs(_response, attempt) {
        const base = factor === null ? DEFAULT_FACTOR_SECONDS : secondsOf(factor, "factor");
        const seconds = base * 2 ** Math.min(attempt, MAX_DOUBLINGS);
        return withJitter(seconds, fields.jitter_range_in_seconds, scope.now());
      },
    };
  },
});
