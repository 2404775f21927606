import { expect, test } from "vitest";

import type { ConnectionItem } from "#cli/api-answers";
import { oneOf } from "#cli/connection-named";
import { NotFound, WrongUsage } from "#cli/stopped";

const item = (id: string, name: string): ConnectionItem => ({
  id,
  name,
  short_name: "couchdb",
  readable_collection_id: "default",
  status: "active",
  is_paused: false,
  entity_count: 0,
  modified_at: "2026-01-01T00:00:00.000Z",
});
const connections = [
  item("aaaa1111-0000-4000-8000-000000000000", "Shop"),
  item("aaaa2222-0000-4000-8000-000000000000", "shop"),
  item("bbbb1111-0000-4000-8000-000000000000", "Orders"),
  item("cccc1111-0000-4000-8000-000000000000", "bbbb"),
];

test.each([
  ["Shop", "aaaa1111"],
  ["orders", "bbbb1111"],
  ["aaaa2", "aaaa2222"],
  ["bbbb1", "bbbb1111"],
])("%s is the connection %s", (reference, id) => {
  expect(oneOf(connections, reference).id).toMatch(new RegExp(`^${id}`));
});

test("a name wins over the beginning of an id", () => {
  expect(oneOf(connections, "bbbb").name).toBe("bbbb");
});

test.each([
  ["SHOP", WrongUsage],
  ["aaaa", WrongUsage],
  ["aaa", NotFound],
  ["nobody", NotFound],
])("%s is refused", (reference, kind) => {
  expect(() => oneOf(connections, reference)).toThrow(kind);
});
