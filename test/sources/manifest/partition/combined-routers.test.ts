import { describe, expect, it } from "vitest";

import type { Json } from "#core/json";
import { SourceFailure } from "#sources/source";
import { cartesianProduct } from "#sources/manifest/partition/cartesian-product";
import { issuesOf, list, namesOf, roundOf, routerOf } from "./partitions-of.ts";

const parents = (ids: readonly number[], more: Record<string, Json> = {}): Json => ({
  type: "SubstreamPartitionRouter",
  parent_stream_configs: [
    {
      stream: { type: "FakeParent", name: "parents", pages: [ids.map((id) => ({ id, name: `n${id}` }))] },
      parent_key: "id",
      partition_field: "id",
      ...more,
    },
  ],
});
const option = (field: string): Json => ({
  type: "RequestOption",
  inject_into: "request_parameter",
  field_name: field,
});
const slice = (partition: Record<string, Json>) => ({ partition, cursorSlice: {}, extraFields: {} });

const product = (...routers: Json[]) => cartesianProduct(routers.map((fields) => routerOf(fields)));

describe("cartesianProduct", () => {
  it("has every combination, the last router's values changing fastest", async () => {
    const router = product(list("i", [0, 1]), list("s", ["x", "y"]));
    expect(router === null ? [] : await namesOf(router)).toEqual([
      { i: 0, s: "x" },
      { i: 0, s: "y" },
      { i: 1, s: "x" },
      { i: 1, s: "y" },
    ]);
  });

  it("is nothing for no router, and the router itself for one", () => {
    const one = routerOf(list("i", [1]));
    expect(cartesianProduct([])).toBeNull();
    expect(cartesianProduct([one])).toBe(one);
  });

  it("is empty where one router is", async () => {
    const router = product(list("i", [0, 1]), list("s", []));
    expect(router === null ? null : await namesOf(router)).toEqual([]);
  });

  it("sends what all routers send; of two that set the same, the first", () => {
    const router = product(
      list("i", [1], { request_option: option("both") }),
      list("s", ["x"], { request_option: option("both") }),
      list("t", ["z"], { request_option: option("third") }),
    );
    expect(router?.options(slice({ i: 1, s: "x", t: "z" })).params).toEqual({ both: 1, third: "z" });
  });

  it("reads parents in full each time: there is no cursor for combinations", async () => {
    const router = product(parents([1], { incremental_dependency: true }), list("s", ["x"]));
    expect(router === null ? null : (await roundOf(router, { cursor: { parents: "p" } })).end).toEqual({
      cursor: null,
      complete: true,
    });
  });

  it("refuses to hold more combinations than fit into memory", async () => {
    const many = Array.from({ length: 300 }, (_, at) => at);
    const router = product(list("a", [1]), list("b", many), list("c", many));
    await expect(router === null ? null : roundOf(router)).rejects.toThrow(/more than 50000 combinations.*first/);
  });
});

const grouping = (size: number, underlying: Json, more: Record<string, Json> = {}): Json => ({
  type: "GroupingPartitionRouter",
  group_size: size,
  underlying_partition_router: underlying,
  ...more,
});

describe("groupingPartitionRouter", () => {
  it("lists the members' values, each once", async () => {
    const router = routerOf(grouping(2, list("p", ["1", "2", "2", "3"])));
    expect(await namesOf(router)).toEqual([{ p: ["1", "2"] }, { p: ["3"] }]);
  });

  it("lists the values of every field, and names the members, by which state is kept", async () => {
    const router = routerOf(grouping(2, parents([1, 2], { extra_fields: [["name"]] })));
    const { shown } = await roundOf(router);
    expect(shown).toMatchObject([
      {
        partition: { id: [1, 2], parent_slice: [{}, {}] },
        extraFields: { name: ["n1", "n2"] },
        members: [
          { id: 1, parent_slice: {} },
          { id: 2, parent_slice: {} },
        ],
      },
    ]);
  });

  it("keeps the parents' cursor", async () => {
    const stream = { type: "FakeParent", name: "p", pages: [[{ id: 1 }]], end: { cursor: "c", complete: true } };
    const { end } = await roundOf(routerOf(grouping(2, parents([], { incremental_dependency: true, stream }))));
    expect(end).toEqual({ cursor: { p: "c" }, complete: true });
  });

  it("refuses request options inside, which would be for one partition", () => {
    expect(issuesOf(grouping(2, list("p", ["1"], { request_option: option("x") }))).join()).toContain(
      "underlying_partition_router.request_option: Not sent here",
    );
    expect(issuesOf(grouping(2, parents([1], { request_option: option("x") }))).join()).toContain(
      "underlying_partition_router.parent_stream_configs.0.request_option",
    );
    expect(issuesOf(grouping(0, list("p", ["1"]))).join()).toContain("group_size");
  });
});

const union = (...routers: Json[]): Json => ({
  type: "UnionPartitionRouter",
  partition_field: "id",
  partition_routers: routers,
});

describe("unionPartitionRouter", () => {
  it("has each value of any router once, under the one field", async () => {
    const { shown } = await roundOf(routerOf(union(list("id", [5, 1]), parents([1, 2], { extra_fields: [["name"]] }))));
    expect(shown.map(({ partition, extraFields }) => [partition, extraFields])).toEqual([
      [{ id: 5 }, {}],
      [{ id: 1 }, {}],
      [{ id: 2 }, { name: "n2", parent_slice: {} }],
    ]);
  });

  it("keeps each router's cursor", async () => {
    const stream = { type: "FakeParent", name: "p", pages: [[{ id: 1 }]], end: { cursor: "c", complete: true } };
    const router = routerOf(union(list("id", [5]), parents([], { incremental_dependency: true, stream })));
    const { end } = await roundOf(router);
    expect(end).toEqual({ cursor: [null, { p: "c" }], complete: true });
    expect((await roundOf(router, { cursor: end.cursor })).end.complete).toBe(false);
  });

  it("needs its field in every partition", async () => {
    const router = routerOf(union(list("id", [5]), list("other", [6])));
    await expect(roundOf(router)).rejects.toThrow(SourceFailure);
    await expect(roundOf(router)).rejects.toThrow(/need the field id, and one has only other/);
  });

  it("refuses request options inside, and to be of less than two", () => {
    const own = list("id", ["1"], { request_option: option("x") });
    expect(issuesOf(union(own, own)).join()).toContain("partition_routers.0.request_option");
    expect(issuesOf(union(list("id", ["1"]))).join()).toContain("partition_routers");
  });
});

describe("while the API prepares the parents", () => {
  const waiting: Json = {
    type: "SubstreamPartitionRouter",
    parent_stream_configs: [
      {
        stream: {
          type: "FakeParent",
          name: "parents",
          pages: [[{ id: 1 }, { id: 2 }, { id: 3 }], [], [{ id: 4 }, { id: 5 }]],
          waitsFor: 5_000,
        },
        parent_key: "id",
        partition_field: "id",
      },
    ],
  };
  const routers = {
    grouping: routerOf({ type: "GroupingPartitionRouter", group_size: 2, underlying_partition_router: waiting }),
    union: routerOf({
      type: "UnionPartitionRouter",
      partition_field: "id",
      partition_routers: [list("id", [9]), waiting],
    }),
    product: product(waiting, list("s", ["x", "y"])),
  };

  it.for(Object.entries(routers))("a %s pauses, and goes on with exactly the rest", async ([name, router]) => {
    if (router === null) throw new Error("Two routers have a product.");
    const { shown, pauses, end } = await roundOf(router);
    expect(pauses.map(({ resumeAt }) => resumeAt)).toEqual([5_000, 5_000]);
    const before = { grouping: 2, union: 4, product: 6 }[name] ?? 0;
    for (const { position } of pauses) {
      const rest = await roundOf(router, { position });
      expect(rest.shown).toEqual(shown.slice(before));
      expect(rest.end).toEqual(end);
    }
  });

  it("a product can't have them as a later router: it would begin again with each pause", async () => {
    const router = product(list("s", ["x"]), waiting);
    if (router === null) throw new Error("Two routers have a product.");
    await expect(roundOf(router)).rejects.toThrow(/first router/);
  });
});
