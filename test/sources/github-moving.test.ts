import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Json } from "#core/json";
import { emptyRepository, type FakeRecord, fakeGithub, isoTime } from "#test/support/fake-github";
import { fieldOf } from "#test/support/read-stream";
import { githubWith, openGithub, records, START } from "./github-setup.ts";

/** Seconds after START at which nothing in a listing was changed yet: what people do during a read happens after. */
const LATER = 1_000;

/** What somebody does between two requests. Picks are taken modulo the number of records. */
const act = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ does: "nothing" as const, pick: 0 }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("change" as const), pick: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("add" as const), pick: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("delete" as const), pick: fc.nat(40) }) },
);

const scenario = fc.record({
  // Few different seconds, so that many records share one.
  seconds: fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 30 }),
  pageSize: fc.integer({ min: 1, max: 6 }),
  sinceIsInclusive: fc.boolean(),
  acts: fc.array(act, { maxLength: 60 }),
  /** Which pages a slice ends after: the read then goes on from the checkpoint. */
  interruptedAfter: fc.array(fc.boolean(), { maxLength: 60 }),
});

describe.each([
  { stream: "issues", listing: "issues", deletes: true },
  { stream: "comments", listing: "issues/comments", deletes: true },
  // GitHub has no way to delete a pull request.
  { stream: "pull_requests", listing: "pulls", deletes: false },
] as const)("$stream that change while they are read", ({ stream, listing, deletes }) => {
  test("are none of them missed, neither by the read nor by the next one", async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ seconds, pageSize, sinceIsInclusive, acts, interruptedAfter }) => {
        const repository = { ...emptyRepository(), [listing]: records(...seconds) };
        const upstream = fakeGithub(new Map([["octo/one", repository]]));
        upstream.sinceIsInclusive = sinceIsInclusive;
        const source = openGithub(upstream.fetch, { config: { page_size: pageSize } });
        const present = repository[listing];
        const existedThroughout = new Set(present.map(({ id }) => id));
        const copy = new Map<unknown, unknown>();
        const pending = [...acts];
        let second = LATER;
        let nextId = 1_000;
        upstream.beforeAnswer = () => {
          const { does, pick } = pending.shift() ?? { does: "nothing", pick: 0 };
          second += 1;
          const index = pick % Math.max(present.length, 1);
          const record = present[index];
          if (does === "add") present.push({ id: (nextId += 1), updated_at: START + second });
          if (does === "change" && record !== undefined) record.updated_at = START + second;
          if (does === "delete" && record !== undefined && deletes) {
            present.splice(index, 1);
            existedThroughout.delete(record.id);
          }
        };

        const readAll = async (cursor: Json) => {
          const seen = new Set<unknown>();
          let checkpoint: Json = null;
          for (let page = 0; page < 2_000;) {
            for await (const { records: read, checkpoint: reached, end } of source.read({
              stream,
              cursor,
              checkpoint,
            })) {
              for (const record of read) {
                seen.add(fieldOf(record, "id"));
                copy.set(fieldOf(record, "id"), fieldOf(record, "updated_at"));
              }
              if (end !== null) return { seen, cursor: JSON.parse(JSON.stringify(end.cursor)) };
              checkpoint = JSON.parse(JSON.stringify(reached));
              page += 1;
              if (interruptedAfter[page] === true) break;
            }
          }
          throw new Error("the read goes on for ever");
        };

        const full = await readAll(null);
        // What a complete read did not see would be deleted from the copy.
        for (const id of existedThroughout) expect(full.seen).toContain(id);

        pending.length = 0;
        await readAll(full.cursor);
        for (const { id, updated_at } of present) expect(copy.get(id)).toBe(isoTime(updated_at));
      }),
      { numRuns: 150 },
    );
  });
});

describe("issues", () => {
  test("that move to the end while the next page is asked for take none of the others with them", async () => {
    const { upstream, repository } = githubWith({ issues: records(1, 2, 3, 4, 5, 6, 7) });
    let moved = false;
    upstream.beforeAnswer = () => {
      const [first] = repository.issues;
      if (upstream.requests.length === 2 && first !== undefined) {
        // Everything behind it moves up: what was first on page 2 is now last on page 1.
        first.updated_at = START + LATER;
        moved = true;
      }
    };
    const seen = await idsOf("issues", openGithub(upstream.fetch));
    expect(moved).toBe(true);
    expect(seen).toEqual(new Set([1, 2, 3, 4, 5, 6, 7]));
  });

  test("of one second that fill many pages are all read, though one leaves while they are", async () => {
    const crowd = records(...Array.from({ length: 20 }, () => 5));
    const { upstream, repository } = githubWith({ issues: crowd });
    upstream.beforeAnswer = () => {
      const leaving = repository.issues[0];
      if (upstream.requests.length === 4 && leaving !== undefined) leaving.updated_at = START + LATER;
    };
    const seen = await idsOf("issues", openGithub(upstream.fetch));
    expect(seen.size).toBe(20);
  });

  test("whose second page looks later than it is, as rows change between sorting and writing, hide no others", async () => {
    const issues = records(...Array.from({ length: 12 }, (_, index) => index * 10));
    const { upstream } = githubWith({ issues });
    const fetch = async (url: string, init: RequestInit) => {
      const response = await upstream.fetch(url, init);
      if (upstream.requests.length !== 2) return response;
      const body: FakeRecord[] = await response.json();
      const last = body.length - 1;
      return new Response(
        JSON.stringify(
          body.map((issue, at) => (at === last ? { ...issue, updated_at: isoTime(START + LATER) } : issue)),
        ),
        { headers: response.headers },
      );
    };
    expect((await idsOf("issues", openGithub(fetch))).size).toBe(12);
  });
});

async function idsOf(stream: string, source: ReturnType<typeof openGithub>): Promise<Set<unknown>> {
  const seen = new Set<unknown>();
  for await (const page of source.read({ stream, cursor: null, checkpoint: null })) {
    for (const record of page.records) seen.add(fieldOf(record, "id"));
  }
  return seen;
}
