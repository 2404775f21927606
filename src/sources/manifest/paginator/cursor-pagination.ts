import { z } from "zod";

import type { Json } from "#core/json";
import { defineComponent } from "#sources/manifest/component";
import { condition } from "#sources/manifest/condition";
import { viewOfHeaders } from "#sources/manifest/headers-view";
import { isTrue } from "#sources/manifest/python/truth";
import { admit } from "#sources/manifest/python/value";
import { viewOf } from "#sources/manifest/stream-slice";
import type { TemplateContext } from "#sources/manifest/template/template";
import { text, type Text } from "#sources/manifest/text";
import { linksIn } from "./link-header.ts";
import { pageSize } from "./page-size.ts";
import type { PageRead } from "./paginator.ts";
import type { PaginationStrategy } from "./pagination-strategy.ts";

/** The next page's name is an expression over the last answer. There is no next page where it comes out as nothing. */
export const cursorPagination = defineComponent({
  type: "CursorPagination",
  fields: z.object({
    cursor_value: text,
    stop_condition: condition.nullish(),
    page_size: pageSize.nullish(),
  }),
  build(fields, scope): PaginationStrategy {
    const cursorValue = fields.cursor_value(scope);
    const stops = fields.stop_condition?.(scope) ?? null;
    const size = fields.page_size?.(scope) ?? null;
    return {
      initialToken: null,
      pageSize: () => size?.() ?? null,
      next(page) {
        const occasion = { ...occasionOf(page), ...(size === null ? {} : { page_size: size() }) };
        if (stops?.(occasion) === true) return null;
        const value = tokenIn(cursorValue, occasion);
        return isTrue(admit(value)) ? asJson(value) : null;
      },
    };
  },
});

function occasionOf({ response, document, lastRecord, recordCount, slice }: PageRead): Record<string, unknown> {
  const view = viewOf(slice);
  return {
    response: document,
    headers: viewOfHeaders(response.headers, { link: linksIn(response.headers["link"] ?? "") }),
    last_record: lastRecord,
    last_page_size: recordCount,
    stream_slice: view,
    stream_partition: view,
    stream_interval: view,
  };
}

/** The expression's value. A float that JSON would write as an integer stays Python's text of it: `1e3` is `1000.0`. */
function tokenIn(cursorValue: Text, occasion: TemplateContext): unknown {
  const value = cursorValue.value(occasion);
  if (typeof value !== "number") return value;
  const shown = cursorValue.text(occasion);
  return shown === String(value) ? value : shown;
}

/** Tokens are kept as JSON, which has no integers beyond a double's: those are kept, and sent, as their text. */
function asJson(value: unknown): Json {
  const token: Json = JSON.parse(
    JSON.stringify(value, (_key, inner: unknown) => {
      if (typeof inner === "bigint") return String(inner);
      return typeof inner === "object" && inner !== null && JSON.isRawJSON(inner) ? inner.rawJSON : inner;
    }),
  );
  return token;
}
