import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { isLast, pageSize } from "./page-size.ts";
import type { PaginationStrategy } from "./pagination-strategy.ts";
import { countIn } from "./token-count.ts";

/** A page begins after so many records. A page with fewer records than fit on it is the last. */
export const offsetIncrement = defineComponent({
  type: "OffsetIncrement",
  fields: z.object({ page_size: pageSize.nullish(), inject_on_first_request: z.boolean().nullish() }),
  build(fields, scope): PaginationStrategy {
    const size = fields.page_size?.(scope) ?? (() => null);
    return {
      initialToken: fields.inject_on_first_request === true ? 0 : null,
      pageSize: () => size(),
      // What the API found counts, not what a filter left of it: the next page begins after what the API has shown.
      next: ({ document, extractedCount, token }) =>
        isLast(extractedCount, size({ response: document }))
          ? null
          : countIn(token, 0, "OffsetIncrement") + extractedCount,
    };
  },
});
