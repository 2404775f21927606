import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { viewOfHeaders } from "#sources/manifest/headers-view";
import { TemplateError } from "#sources/manifest/template/template-error";
import { text, type Text } from "#sources/manifest/text";
import type { BackoffStrategy } from "./backoff-strategy.ts";
import { allowWait } from "./longest-wait.ts";
import { numberIn } from "./seconds.ts";

/** As long as an expression over the answer's body and headers says, in seconds. */
export const waitTimeFromResponse = defineComponent({
  type: "WaitTimeFromResponse",
  fields: z.object({ wait_time_in_seconds: text, max_waiting_time_in_seconds: text.nullish() }),
  build(fields, scope): BackoffStrategy {
    const expression = fields.wait_time_in_seconds(scope);
    const longest = fields.max_waiting_time_in_seconds?.(scope) ?? null;
    return {
      backoffMs(response) {
        const seconds = secondsIn(expression, {
          response: response?.json() ?? {},
          headers: viewOfHeaders(response?.headers ?? {}),
        });
        return seconds === null || seconds <= 0 ? null : allowWait(seconds, longest, scope);
      },
    };
  },
});

/** An answer of another shape than the expression is written for has nothing to say about waiting. */
function secondsIn(expression: Text, occasion: Record<string, unknown>): number | null {
  try {
    const seconds = numberIn(expression.text(occasion));
    return seconds === null || !Number.isFinite(seconds) ? null : seconds;
  } catch (error) {
    if (error instanceof TemplateError) return null;
    throw error;
  }
}
