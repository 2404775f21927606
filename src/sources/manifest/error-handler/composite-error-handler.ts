import { z } from "zod";

import type { ApiResponse } from "#sources/manifest/api-response";
import { defineComponent } from "#sources/manifest/component";
import { errorHandler, type ErrorHandler, type Resolution } from "./error-handler.ts";

/** What ends the search: a handler that fails, or refuses to decide, leaves it to the next one to think better of it. */
const DECISIVE: ReadonlySet<Resolution["action"]> = new Set(["SUCCESS", "RETRY", "IGNORE", "RESET_PAGINATION"]);

/** Several handlers, asked in their order. */
export const compositeErrorHandler = defineComponent({
  type: "CompositeErrorHandler",
  fields: z.object({ error_handlers: z.array(errorHandler.schema).min(1) }),
  build(fields, scope): ErrorHandler {
    const handlers = fields.error_handlers.map((handler) => handler(scope));
    return {
      maxRetries: handlers[0]?.maxRetries ?? null,
      interpret(response: ApiResponse) {
        let last: Resolution = { action: "SUCCESS" };
        for (const handler of handlers) {
          last = handler.interpret(response);
          if (DECISIVE.has(last.action)) return last;
        }
        return last;
      },
      backoffMs(response, attempt) {
        for (const handler of handlers) {
          const wait = handler.backoffMs(response, attempt);
          if (wait !== null) return wait;
        }
        return null;
      },
    };
  },
});
