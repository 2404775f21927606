import { z } from "zod";

import { SourceFailure } from "#sources/source";
import { defineComponent } from "#sources/manifest/component";
import { text } from "#sources/manifest/text";
import { backoffStrategy } from "./backoff-strategy.ts";
import type { ErrorHandler } from "./error-handler.ts";
import { responseFilter } from "./response-filter.ts";
import { resolutionOfStatus } from "./status-meaning.ts";

/** The first rule that is about an answer decides; where none is, its status does. */
export const defaultErrorHandler = defineComponent({
  type: "DefaultErrorHandler",
  fields: z.object({
    response_filters: z.array(responseFilter.schema).nullish(),
    max_retries: text.nullish(),
    backoff_strategies: z.array(backoffStrategy.schema).nullish(),
  }),
  build(fields, scope): ErrorHandler {
    const filters = (fields.response_filters ?? []).map((filter) => filter(scope));
    const strategies = (fields.backoff_strategies ?? []).map((strategy) => strategy(scope));
    return {
      maxRetries: retries(fields.max_retries?.(scope).value()),
      interpret(response) {
        for (const filter of filters) {
          const resolution = filter.match(response);
          if (resolution !== null) return resolution;
        }
        return resolutionOfStatus(response);
      },
      backoffMs(response, attempt) {
        for (const strategy of strategies) {
          const wait = strategy.backoffMs(response, attempt);
          // A strategy that finds nothing to wait for leaves it to the next.
          if (wait !== null && wait !== 0) return wait;
        }
        return null;
      },
    };
  },
});

function retries(value: unknown): number | null {
  if (value === undefined || value === null || value === "") return null;
  const count = Number(value);
  if (Number.isFinite(count)) return Math.max(0, Math.trunc(count));
  throw new SourceFailure({
    kind: "bad_request",
    message: "The error handler's max_retries is no whole number for this config. Correct it in the manifest.",
    final: true,
  });
}
