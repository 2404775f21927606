import { expect, test } from "vitest";

import type { JsonPage } from "#connection/rpc";
import { ndjsonStream } from "#http/ndjson";

const page = (items: readonly string[], nextCursor: string | null): JsonPage => ({
  items: [...items],
  nextCursor,
  hasMore: nextCursor !== null,
});

test("pages without anything on them, wherever they are, end nothing: what follows is told too", async () => {
  const pages = new Map([
    ["1", page(["1"], "2")],
    ["2", page([], "3")],
    ["3", page([], "4")],
    ["4", page(["4", "5"], "5")],
    ["5", page([], null)],
  ]);
  const read = async (cursor: string) => pages.get(cursor) ?? page([], null);

  expect(await new Response(ndjsonStream(page([], "1"), read)).text()).toBe("1\n4\n5\n");
});
