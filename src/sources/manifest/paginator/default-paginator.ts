import { z } from "zod";

import { SourceFailure } from "#sources/source";
import { defineComponent } from "#sources/manifest/component";
import { str } from "#sources/manifest/python/text";
import { isTrue } from "#sources/manifest/python/truth";
import { admit } from "#sources/manifest/python/value";
import { combineOptions, NO_OPTIONS } from "#sources/manifest/request-options";
import { pageTokenOption, requestOption } from "#sources/manifest/requester/request-option";
import type { Paginator } from "./paginator.ts";
import { paginationStrategy } from "./pagination-strategy.ts";

/** Reads page after page, each named by a token that the strategy finds. */
export const defaultPaginator = defineComponent({
  type: "DefaultPaginator",
  fields: z.object({
    pagination_strategy: paginationStrategy.schema,
    page_size_option: requestOption.nullish(),
    page_token_option: pageTokenOption.nullish(),
  }),
  build(fields, scope): Paginator {
    const strategy = fields.pagination_strategy(scope);
    const sizeOption = fields.page_size_option?.(scope) ?? null;
    const tokenOption = fields.page_token_option?.(scope) ?? null;
    return {
      initialToken: strategy.initialToken,
      next(page) {
        const token = strategy.next(page);
        return token === null || !isTrue(admit(token)) ? null : token;
      },
      options: (token) =>
        combineOptions([
          tokenOption === null || token === null ? NO_OPTIONS : tokenOption.inject(token),
          sizeOption === null ? NO_OPTIONS : sizeOption.inject(sizeToAsk(strategy.pageSize())),
        ]),
      path: (token) => (tokenOption?.injectInto === "path" && isTrue(admit(token)) ? str(admit(token)) : null),
    };
  },
});

function sizeToAsk(size: number | null): number {
  if (size !== null) return size;
  throw new SourceFailure({
    kind: "bad_request",
    message:
      "The paginator's page_size_option has nothing to send: give its pagination strategy a page_size, or remove the option.",
    final: true,
  });
}
