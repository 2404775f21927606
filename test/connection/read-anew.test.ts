import { expect, test } from "vitest";

import { movesPlaces } from "#connection/read-anew";
import type { JsonObject } from "#core/json";
import { couchdb } from "#sources/couchdb/source";
import { github } from "#sources/github/source";
import type { Source } from "#sources/source";

test.each<[string, Source | null, JsonObject, JsonObject, boolean]>([
  ["any field, where its source does not say which", null, { a: 1 }, { a: 1, b: 2 }, true],
  ["a field that is gone", null, { a: 1, b: 2 }, { a: 1 }, true],
  ["the same in another order", null, { a: { x: 1, y: 2 }, b: 3 }, { b: 3, a: { y: 2, x: 1 } }, false],
  ["a page size of CouchDB", couchdb, { url: "http://a", page_size: 10 }, { url: "http://a", page_size: 20 }, false],
  ["GitHub's address", github, { api_url: "http://a" }, { api_url: "http://b" }, true],
  ["GitHub's repositories", github, { repositories: ["a/a"] }, { repositories: ["a/a", "b/b"] }, false],
])("%s: are cursors and checkpoints of another place then?", (_, source, before, after, moves) => {
  expect(movesPlaces(source, before, after)).toBe(moves);
});
