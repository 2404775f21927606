import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { isLast, pageSize } from "./page-size.ts";
import type { PaginationStrategy } from "./pagination-strategy.ts";
import { countIn } from "./token-count.ts";

/** Pages are numbered. A page with fewer records than fit on it is the last. */
export const pageIncrement = defineComponent({
  type: "PageIncrement",
  fields: z.object({
    page_size: pageSize.nullish(),
    start_from_page: z.int().nullish(),
    inject_on_first_request: z.boolean().nullish(),
  }),
  build(fields, scope): PaginationStrategy {
    const size = fields.page_size?.(scope) ?? (() => null);
    const first = fields.start_from_page ?? 0;
    return {
      initialToken: fields.inject_on_first_request === true ? first : null,
      pageSize: () => size(),
      next: ({ extractedCount, token }) =>
        isLast(extractedCount, size()) ? null : countIn(token, first, "PageIncrement") + 1,
    };
  },
});
