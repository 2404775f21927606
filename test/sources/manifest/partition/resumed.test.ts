import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Json } from "#core/json";
import { cartesianProduct } from "#sources/manifest/partition/cartesian-product";
import type { PartitionRouter } from "#sources/manifest/partition/partition-router";
import { list, roundOf, routerOf } from "./partitions-of.ts";

const records = (ids: readonly number[]): Json => ids.map((id) => ({ id }));
const parents = (...pages: readonly (readonly number[])[]): Json => ({
  type: "SubstreamPartitionRouter",
  parent_stream_configs: [
    {
      stream: { type: "FakeParent", name: "parents", pages: pages.map(records) },
      parent_key: "id",
      partition_field: "id",
    },
  ],
});

const ids = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 8 });
const pages = fc.array(ids, { minLength: 1, maxLength: 4 });
/** Without a record on two pages: these routers leave out the second, unless they went on after the first. */
const distinctPages = fc
  .uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 12 })
  .map((all) => [all.slice(0, 3), all.slice(3, 8), all.slice(8)]);

/** Each kind of router, over any parents and values. */
const routers: Readonly<Record<string, fc.Arbitrary<PartitionRouter>>> = {
  list: ids.map((values) => routerOf(list("id", values))),
  substream: pages.map((all) => routerOf(parents(...all))),
  "two parents": fc.tuple(pages, pages).map(([one, other]) => {
    const configs = [one, other].map((all, at) => ({
      stream: { type: "FakeParent", name: `parents${at}`, pages: all.map(records) },
      parent_key: "id",
      partition_field: `id${at}`,
    }));
    return routerOf({ type: "SubstreamPartitionRouter", parent_stream_configs: configs });
  }),
  grouping: fc
    .tuple(distinctPages, fc.integer({ min: 1, max: 4 }))
    .map(([all, size]) =>
      routerOf({ type: "GroupingPartitionRouter", group_size: size, underlying_partition_router: parents(...all) }),
    ),
  union: fc
    .tuple(distinctPages, fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 8 }))
    .map(([all, values]) =>
      routerOf({
        type: "UnionPartitionRouter",
        partition_field: "id",
        // Apart, since what an earlier router showed is not known any more after a break.
        partition_routers: [
          parents(...all),
          list(
            "id",
            values.map((value) => value + 100),
          ),
        ],
      }),
    ),
  "cartesian product": fc.tuple(pages, ids, ids).map(([all, b, c]) => {
    const product = cartesianProduct([routerOf(parents(...all)), routerOf(list("b", b)), routerOf(list("c", c))]);
    if (product === null) throw new Error("Three routers have a product.");
    return product;
  }),
};

describe.for(Object.entries(routers))("%s", ([, router]) => {
  it("shows exactly the rest from any position, with the partition there or after it", async () => {
    await fc.assert(
      fc.asyncProperty(router, fc.nat(), fc.boolean(), async (any, choice, inclusive) => {
        const whole = await roundOf(any);
        if (whole.shown.length === 0) return;
        const at = choice % whole.shown.length;
        const { position = null } = whole.shown[at] ?? {};
        const rest = await roundOf(any, { position, inclusive });
        const expected = whole.shown.slice(inclusive ? at : at + 1);
        expect(rest.shown.map(({ partition }) => partition)).toEqual(expected.map(({ partition }) => partition));
        expect(rest.end).toEqual(whole.end);
      }),
      { numRuns: 60 },
    );
  });

  it("has positions that are small, and the same when a partition is shown again", async () => {
    await fc.assert(
      fc.asyncProperty(router, async (any) => {
        const { shown } = await roundOf(any);
        const again = await Promise.all(shown.slice(0, 3).map(({ position }) => roundOf(any, { position })));
        expect(again.map((one) => one.shown[0]?.position)).toEqual(shown.slice(0, 3).map(({ position }) => position));
        expect(Math.max(0, ...shown.map(({ position }) => JSON.stringify(position).length))).toBeLessThan(400);
      }),
      { numRuns: 30 },
    );
  });
});
