import { beforeAll, describe, expect, test } from "vitest";

import type { Json, JsonObject } from "#core/json";
import { cursorPagination } from "#sources/manifest/paginator/cursor-pagination";
import { defaultPaginator } from "#sources/manifest/paginator/default-paginator";
import { noPagination } from "#sources/manifest/paginator/no-pagination";
import { offsetIncrement } from "#sources/manifest/paginator/offset-increment";
import { pageIncrement } from "#sources/manifest/paginator/page-increment";
import { paginationStrategy } from "#sources/manifest/paginator/pagination-strategy";
import { paginator } from "#sources/manifest/paginator/paginator";
import { WHOLE_STREAM } from "#sources/manifest/stream-slice";
import { apiResponse } from "#test/support/api-response";
import { manifestScope } from "#test/support/manifest-scope";

beforeAll(() => {
  paginator.join([defaultPaginator, noPagination]);
  paginationStrategy.join([pageIncrement, offsetIncrement, cursorPagination]);
});

describe("a page token", () => {
  const byCursor = paginatorOf({ type: "CursorPagination", cursor_value: "{{ response['next'] }}" });

  test.each([
    ["12e5", "1200000.0"],
    ["5.0", "5.0"],
    ["1.50", 1.5],
    ["007", "007"],
    ["7", 7],
  ])("%j is %j, as Python reads and shows it", (next, token) => {
    expect(byCursor().next(page({ next }))).toBe(token);
  });

  test("that is an integer beyond a double keeps its digits", () => {
    const next = byCursor().next(page({ next: JSON.rawJSON("12345678901234567890") }));
    expect(JSON.parse(JSON.stringify(next))).toBe("12345678901234567890");
  });

  test("of a header is found whatever the case that the manifest writes it in", () => {
    const byHeader = paginatorOf({ type: "CursorPagination", cursor_value: "{{ headers['X-NEXT-Page'] }}" })();
    const next = byHeader.next({ ...page({}), response: apiResponse({ headers: { "x-next-page": "p2" } }) });
    expect(next).toBe("p2");
  });

  test("of a Link header can be searched for in its text too", () => {
    const byText = paginatorOf({ type: "CursorPagination", cursor_value: "{{ headers['Link'] }}" })();
    const next = byText.next({ ...page({}), response: apiResponse({ headers: { link: "<a>; rel=next" } }) });
    expect(next).toBe("<a>; rel=next");
  });
});

test("a page size that is no whole number for the config is told with the expression", () => {
  const byPage = paginatorOf({ type: "PageIncrement", page_size: "{{ config['size'] }}" }, { size: "many" })();
  expect(() => byPage.next(page({}))).toThrow(/page_size is no whole number.*config\['size'\]/);
});

test("a page size option without a page size is told when the first page is asked for", () => {
  const sized = paginatorOf({ type: "PageIncrement" }, {}, { page_size_option: option("size") })();
  expect(() => sized.options(null)).toThrow(/give its pagination strategy a page_size/);
});

test("page size and page token in the same field are refused", () => {
  const options = { page_size_option: option("n"), page_token_option: option("n") };
  const both = paginatorOf({ type: "PageIncrement", page_size: 1 }, {}, options)();
  expect(() => both.options(1)).toThrow(/sets the query parameter n twice/);
});

test.each([
  [{ inject_into: "request_parameter" }, "Required: field_name"],
  [{ inject_into: "body_json", field_name: "a", field_path: ["b"] }, "not both"],
  [{ inject_into: "header", field_path: ["b"] }, "Only a JSON body has nested fields"],
  [{ inject_into: "body_json", field_path: [] }, "expected array to have >=1 items"],
  [{ inject_into: "path", field_name: "a" }, "Expected one of"],
])("the option %j is refused when the manifest is checked: %s", (fields, message) => {
  const definition = { type: "DefaultPaginator", pagination_strategy: { type: "PageIncrement" } };
  const { error } = paginator.schema.safeParse({
    ...definition,
    page_token_option: { type: "RequestOption", ...fields },
  });
  expect(error?.issues.map((issue) => [issue.path[0], issue.message])).toContainEqual([
    "page_token_option",
    expect.stringContaining(message),
  ]);
});

function paginatorOf(strategy: JsonObject, config: JsonObject = {}, options: JsonObject = {}) {
  const definition = { type: "DefaultPaginator", pagination_strategy: strategy, ...options };
  return () => paginator.schema.parse(definition)(manifestScope(config));
}

function option(name: string): JsonObject {
  return { type: "RequestOption", inject_into: "request_parameter", field_name: name };
}

function page(document: unknown, token: Json = null) {
  return {
    response: apiResponse({}),
    document,
    extractedCount: 1,
    recordCount: 1,
    lastRecord: { id: 1 },
    token,
    slice: WHOLE_STREAM,
  };
}
