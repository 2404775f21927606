import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { neighbour, parseLinks, withSmallerPages } from "#sources/github/page-address";
import { watchPageLoop, type PageLoopWatch } from "#sources/page-loop";

describe("links", () => {
  test("are found by their relation, as GitHub writes them", () => {
    const header =
      '<https://api.github.com/repositories/1/issues?per_page=3&page=1>; rel="prev", <https://api.github.com/repositories/1/issues?after=Y3Vyc29yOg%3D%3D&per_page=3>; rel="next"';
    expect(Object.fromEntries(parseLinks(header))).toEqual({
      prev: "https://api.github.com/repositories/1/issues?per_page=3&page=1",
      next: "https://api.github.com/repositories/1/issues?after=Y3Vyc29yOg%3D%3D&per_page=3",
    });
  });

  test.each([null, "", "nonsense", "<https://host/>", 'rel="next"'])("are none in %o", (header) => {
    expect(parseLinks(header).size).toBe(0);
  });
});

describe("a page beside another", () => {
  const first = "https://api.github.com/repos/octo/one/issues?per_page=3";

  test("is counted from 1, and there is none before the first", () => {
    expect(neighbour(first, 1)).toBe(`${first}&page=2`);
    expect(neighbour(`${first}&page=2`, -1)).toBe(`${first}&page=1`);
    expect(neighbour(first, -1)).toBeNull();
  });
});

describe("smaller pages", () => {
  test("begin with, or end with, the same record as the large page, so that none is left out", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 100 }), fc.integer({ min: 1, max: 50 }), (large, page) => {
        const address = `https://host/list?per_page=${large}&page=${page}`;
        const [firstRecord, lastRecord] = [(page - 1) * large + 1, page * large];
        const covers = (small: string | null, record: number) => {
          const { searchParams } = new URL(small ?? "");
          const [size, number] = [Number(searchParams.get("per_page")), Number(searchParams.get("page"))];
          expect(size).toBe(Math.floor(large / 2));
          expect(record).toBeGreaterThan((number - 1) * size);
          expect(record).toBeLessThanOrEqual(number * size);
        };
        covers(withSmallerPages(address, false), firstRecord);
        covers(withSmallerPages(address, true), lastRecord);
      }),
    );
  });

  test("keep the place that a cursor names, and end at one record", () => {
    expect(withSmallerPages("https://host/list?after=abc&per_page=9", false)).toBe(
      "https://host/list?after=abc&per_page=4",
    );
    expect(withSmallerPages("https://host/list?per_page=1", false)).toBeNull();
  });
});

describe("a chain of pages", () => {
  test("that comes back to where it was is noticed soon, however long the way round and the way there", () => {
    fc.assert(
      fc.property(fc.nat(50), fc.integer({ min: 1, max: 50 }), (wayThere, wayRound) => {
        let watch: PageLoopWatch | null = null;
        let step = 0;
        do {
          const place = step < wayThere ? step : wayThere + ((step - wayThere) % wayRound);
          watch = watchPageLoop(watch, `https://host/${place}`);
          step += 1;
        } while (watch !== null && step < 10_000);
        expect(step).toBeGreaterThan(wayRound);
        expect(step).toBeLessThanOrEqual(8 * (wayThere + wayRound));
      }),
    );
  });

  test("that goes on for ever to new places is left alone", () => {
    let watch: PageLoopWatch | null = null;
    for (let step = 0; step < 5_000; step += 1) {
      watch = watchPageLoop(watch, `https://host/${step}`);
      expect(watch).not.toBeNull();
    }
  });
});
