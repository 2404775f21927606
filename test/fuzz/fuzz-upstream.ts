import * as fc from "fast-check";

import { hostileJson } from "./hostile-text.ts";

export interface UpstreamAnswer {
  readonly status: number;
  readonly body: string | Uint8Array;
}

const DOCUMENTS = 3;

/** Of the lists of a hostile source, one in so many is as it should be. */
const UNHARMED = 3;

/**
 * What the systems answer that sources read, and who takes deliveries: a CouchDB below `couch`, GitHub's API below
 * `github`, a list of things. Below `hostile/NUMBER` the same, but for a list of records there is something else: what
 * it is depends on the address and nothing else, so a history that is played again meets it again.
 */
export function upstreamAnswer(address: string): UpstreamAnswer {
  const { pathname, search, searchParams } = new URL(address);
  const place = pathname.replaceAll(/\/+/g, "/");
  const [, salt, rest = place] = /^\/hostile\/(\d+)(\/.*)$/.exec(place) ?? [];
  const good = goodAnswer(rest, searchParams);
  const isList = !/^\/(?:couch\/db|github\/repos\/octo\/one)\/?$/.test(rest);
  if (salt === undefined || !isList) return { status: 200, body: JSON.stringify(good) };
  const seed = numberOf(salt + rest + search);
  if (seed % UNHARMED === 0) return { status: 200, body: JSON.stringify(good) };
  const [body = ""] = fc.sample(hostileJson(fc.constant(good)), { seed, numRuns: 1 });
  return { status: 200, body };
}

function goodAnswer(place: string, query: URLSearchParams): unknown {
  switch (place) {
    case "/couch/db":
      return { db_name: "db", instance_start_time: "1" };
    case "/couch/db/_changes":
      return changesAfter(Number.parseInt(query.get("since") ?? "0", 10));
    case "/github/repos/octo/one":
      return { id: 1, full_name: "octo/one", private: false };
    case "/github/repos/octo/one/issues":
    case "/github/repos/octo/one/pulls":
    case "/github/repos/octo/one/issues/comments":
    case "/github/repos/octo/one/pulls/comments":
      return Number(query.get("page") ?? "1") > 1 ? [] : [{ id: 1, title: "One", updated_at: "2024-05-01T00:00:00Z" }];
    case "/things":
      return [
        { id: 1, name: "one", tags: ["a"], updated_at: "2024-05-01T00:00:00Z", within: { deep: [1, 2] } },
        { id: 2, name: "two", tags: [], updated_at: "2024-05-02T00:00:00Z", within: null },
      ];
    default:
      return [];
  }
}

function changesAfter(since: number) {
  const from = Number.isNaN(since) ? 0 : since;
  const numbers = Array.from({ length: Math.max(0, DOCUMENTS - from) }, (_, index) => from + index + 1);
  const results = numbers.map((seq) => ({
    seq: `${seq}-x`,
    id: `doc-${seq}`,
    changes: [{ rev: `1-${seq}` }],
    doc: { _id: `doc-${seq}`, _rev: `1-${seq}`, index: seq },
  }));
  return { results, last_seq: `${DOCUMENTS}-x`, pending: 0 };
}

/** FNV-1a. */
function numberOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash;
}
