import { readFileSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

import type { Json } from "#core/json";
import { cursorPagination } from "#sources/manifest/paginator/cursor-pagination";
import { defaultPaginator } from "#sources/manifest/paginator/default-paginator";
import { linksIn } from "#sources/manifest/paginator/link-header";
import { offsetIncrement } from "#sources/manifest/paginator/offset-increment";
import { pageIncrement } from "#sources/manifest/paginator/page-increment";
import { paginationStrategy } from "#sources/manifest/paginator/pagination-strategy";
import { paginator, type Paginator } from "#sources/manifest/paginator/paginator";
import { apiResponse } from "#test/support/api-response";
import { manifestScope } from "#test/support/manifest-scope";

/*
 * The tables say how the CDK went on; oracle.py beside them made them.
 */

const json: z.ZodType<Json> = z.json();
const step = z.union([
  z.object({ fails: z.literal(true) }),
  z.object({ next: z.null() }),
  z.object({ next: json, options: json }),
]);
const record = z.record(z.string(), json);
const table = read(
  "pages.json",
  z.object({
    config: record,
    pages: z.array(
      z.object({
        headers: z.record(z.string(), z.string()),
        body: z.looseObject({ items: z.array(record) }),
        extracted: z.int(),
        kept: z.int(),
      }),
    ),
    walks: z.array(z.object({ paginator: json, initial: json, first: json, pages: z.array(z.array(step)) })),
  }),
);
const links = read(
  "links.json",
  z.array(z.object({ header: z.string(), links: z.array(z.tuple([z.string(), z.record(z.string(), z.string())])) })),
);

beforeAll(() => {
  paginator.join([defaultPaginator]);
  paginationStrategy.join([pageIncrement, offsetIncrement, cursorPagination]);
});

describe.each(table.walks.map((walk) => ({ ...walk, name: JSON.stringify(walk.paginator) })))("$name", (walk) => {
  const build = () => paginator.schema.parse(walk.paginator)(manifestScope(table.config));

  test("asks for the first page as the CDK does", () => {
    const built = build();
    expect(built.initialToken).toEqual(walk.initial);
    expect(contributed(built, walk.initial)).toEqual(walk.first);
  });

  test("goes on as the CDK does", () => {
    const built = build();
    const went = table.pages.map((page) =>
      [walk.initial, 40].map((token) => {
        try {
          const next = follow(built, page, token);
          return next === null ? { next } : { next, options: contributed(built, next) };
        } catch {
          return { fails: true };
        }
      }),
    );
    expect(went).toEqual(walk.pages);
  });
});

test.each(links)("the Link header $header is read as `requests` reads it", ({ header, links: expected }) => {
  expect(Object.entries(linksIn(header))).toEqual(expected);
});

function follow(built: Paginator, page: (typeof table)["pages"][number], token: Json): Json {
  const records = page.body.items.slice(0, page.kept);
  return built.next({
    response: apiResponse({ headers: page.headers, body: JSON.stringify(page.body) }),
    document: page.body,
    extractedCount: page.extracted,
    recordCount: page.kept,
    lastRecord: records.at(-1) ?? null,
    token,
    slice: { partition: { id: 5 }, cursorSlice: {}, extraFields: {} },
  });
}

function contributed(built: Paginator, token: Json): unknown {
  return { ...built.options(token), path: built.path(token) };
}

function read<T>(name: string, schema: z.ZodType<T>): T {
  return schema.parse(JSON.parse(readFileSync(join(import.meta.dirname, name), "utf8")));
}
