import { beforeEach, describe, expect, it } from "vitest";

import type { Json } from "#core/json";
import { CursorLost } from "#sources/source";
import { asked } from "./fake-parent.ts";
import { issuesOf, namesOf, roundOf, routerOf } from "./partitions-of.ts";

interface ParentFields {
  readonly stream?: Record<string, Json>;
  readonly [field: string]: Json | Record<string, Json> | undefined;
}

function parent(pages: Json, { stream = {}, ...more }: ParentFields = {}): Json {
  const whole = { type: "FakeParent", name: "parents", pages, ...stream };
  return JSON.parse(JSON.stringify({ stream: whole, parent_key: "id", partition_field: "parent_id", ...more }));
}

const substream = (...parents: Json[]): Json => ({
  type: "SubstreamPartitionRouter",
  parent_stream_configs: parents,
});

const slice = (partition: Record<string, Json>) => ({ partition, cursorSlice: {}, extraFields: {} });

beforeEach(() => {
  asked.length = 0;
});

describe("partitions of a parent", () => {
  it("have the parent's key, and the partition that the parent came from", async () => {
    const router = routerOf(
      substream(parent([[{ id: 7 }]], { stream: { partition: { org: "a", parent_slice: {} } } })),
    );
    expect(await namesOf(router)).toEqual([{ parent_id: 7, parent_slice: { org: "a", parent_slice: {} } }]);
    expect(await namesOf(routerOf(substream(parent([[{ id: 7 }]]))))).toEqual([{ parent_id: 7, parent_slice: {} }]);
  });

  it("are found under a path; a record without a key is none", async () => {
    const records = [{ data: { id: 1 } }, { data: {} }, { data: null }, { data: { id: null } }, { data: { id: 0 } }];
    const router = routerOf(substream(parent([records], { parent_key: "data/id" })));
    expect((await namesOf(router)).map((partition) => partition["parent_id"])).toEqual([1, 0]);
  });

  it("know fields of the parent's record, by their paths; those it lacks are null", async () => {
    const extra = [["name"], ["owner", "login"], ["owner", "none"]];
    const router = routerOf(
      substream(parent([[{ id: 1, name: "n", owner: { login: "l" } }]], { extra_fields: extra })),
    );
    const { shown } = await roundOf(router);
    expect(shown[0]?.extraFields).toEqual({ name: "n", "owner.login": "l", "owner.none": null });
  });

  it("bring along the children that came with the parent", async () => {
    const router = routerOf(
      substream(parent([[{ id: 1, items: { data: [{ id: 5 }] } }, { id: 2 }]], { lazy_read_pointer: ["items"] })),
    );
    const { shown } = await roundOf(router);
    expect(shown.map(({ extraFields }) => extraFields)).toEqual([
      { child_response: { data: [{ id: 5 }] } },
      { child_response: [] },
    ]);
    const starred = issuesOf(substream(parent([], { lazy_read_pointer: ["items", "*"] })));
    expect(starred.join()).toContain("lazy_read_pointer.1");
  });

  it("survive a key with a dangerous name", async () => {
    const router = routerOf(substream(parent([[{ id: 1 }]], { partition_field: "__proto__" })));
    const [partition = {}] = await namesOf(router);
    expect(Object.getOwnPropertyNames(partition)).toContain("__proto__");
    expect(Object.getPrototypeOf(partition)).toBe(Object.prototype);
  });
});

describe("going on after a break", () => {
  const pages = [[{ id: 1 }, { id: 2 }], [{ id: 3 }, { id: 4 }], [{ id: 5 }]];

  it("reads the parent from the page that the partition is on, not from its beginning", async () => {
    const { shown } = await roundOf(routerOf(substream(parent(pages))));
    asked.length = 0;
    const position = shown[3]?.position ?? null;
    const rest = await namesOf(routerOf(substream(parent(pages))), { position, inclusive: false });
    expect(rest.map((partition) => partition["parent_id"])).toEqual([5]);
    expect(asked).toEqual([{ stream: "parents", cursor: null, checkpoint: 1, pages: 2 }]);
  });

  it("shows a page again whose partition is gone: to read twice does no harm, to skip does", async () => {
    const { shown } = await roundOf(routerOf(substream(parent(pages))));
    const position = shown[3]?.position ?? null;
    const changed = routerOf(substream(parent([[{ id: 1 }], [{ id: 3 }, { id: 9 }], [{ id: 5 }]])));
    const rest = await namesOf(changed, { position, inclusive: false });
    expect(rest.map((partition) => partition["parent_id"])).toEqual([3, 9, 5]);
  });

  it("takes one page of the parent at a time", async () => {
    const partitions = routerOf(substream(parent(pages))).partitions({ position: null, inclusive: true, cursor: null });
    await partitions.next();
    await partitions.next();
    expect(asked[0]?.pages).toBe(1);
    await partitions.return({ cursor: null, complete: false });
  });

  it("is not possible from a position of another router: the stream is read anew", async () => {
    await expect(roundOf(routerOf(substream(parent(pages))), { position: "a list's" })).rejects.toThrow(CursorLost);
  });
});

const dependent = (pages: Json, end: Json) => parent(pages, { incremental_dependency: true, stream: { end } });

describe("a parent's cursor", () => {
  it("is kept and used only for parents that the stream depends on", async () => {
    const own = parent([[{ id: 1 }]], { stream: { name: "full", end: { cursor: "f1", complete: true } } });
    const router = routerOf(substream(own, dependent([[{ id: 2 }]], { cursor: "p1", complete: true })));
    const first = await roundOf(router);
    expect(first.end).toEqual({ cursor: { parents: "p1" }, complete: true });
    asked.length = 0;
    await roundOf(router, { cursor: first.end.cursor });
    expect(asked.map(({ stream, cursor }) => [stream, cursor])).toEqual([
      ["full", null],
      ["parents", "p1"],
    ]);
  });

  it("means that not all partitions were shown", async () => {
    const router = routerOf(substream(dependent([[{ id: 2 }]], { cursor: "p2", complete: true })));
    expect((await roundOf(router, { cursor: { parents: "p1" } })).end).toEqual({
      cursor: { parents: "p2" },
      complete: false,
    });
  });

  it("stays where it was when the parent was cut off", async () => {
    const router = routerOf(substream(dependent([[{ id: 2 }]], null)));
    expect((await roundOf(router, { cursor: { parents: "p1" } })).end).toEqual({
      cursor: { parents: "p1" },
      complete: false,
    });
  });

  it("is each parent's own, where a stream is one twice", async () => {
    const one = dependent([[{ id: 1 }]], { cursor: "a", complete: true });
    const other = dependent([[{ id: 2 }]], { cursor: "b", complete: true });
    const { end } = await roundOf(routerOf(substream(one, other)));
    expect(end.cursor).toEqual({ parents: "a", "parents#2": "b" });
  });

  it("survives a break", async () => {
    const one = dependent([[{ id: 1 }]], { cursor: "a", complete: false });
    const router = routerOf(substream(one, parent([[{ id: 2 }, { id: 3 }]], { stream: { name: "second" } })));
    const { shown, end } = await roundOf(router);
    const rest = await roundOf(router, { position: shown[1]?.position ?? null, inclusive: true });
    expect(rest.end).toEqual(end);
    expect(end).toEqual({ cursor: { parents: "a" }, complete: false });
  });
});

describe("a parent that is not read to its end", () => {
  it("has not shown all partitions", async () => {
    const cut = routerOf(substream(parent([[{ id: 1 }]], { stream: { end: null } })));
    expect((await roundOf(cut)).end.complete).toBe(false);
    const partial = routerOf(substream(parent([[{ id: 1 }]], { stream: { end: { cursor: null, complete: false } } })));
    expect((await roundOf(partial)).end.complete).toBe(false);
    const odd = routerOf(substream(parent([[{ id: 1 }, "no object"]])));
    expect((await roundOf(odd)).end.complete).toBe(false);
  });

  it("is waited for, and asked again only for what it has not shown", async () => {
    const waiting = substream(parent([[{ id: 1 }], [], [{ id: 2 }]], { stream: { waitsFor: 5_000 } }));
    const { shown, pauses, end } = await roundOf(routerOf(waiting));
    expect(pauses.map(({ resumeAt }) => resumeAt)).toEqual([5_000, 5_000]);
    asked.length = 0;
    const rest = await roundOf(routerOf(waiting), { position: pauses[1]?.position ?? null });
    expect(rest.shown).toEqual(shown.slice(1));
    expect(rest.end).toEqual(end);
    expect(asked).toEqual([{ stream: "parents", cursor: null, checkpoint: 2, pages: 1 }]);
  });
});

const option = (field: string) => ({ type: "RequestOption", inject_into: "request_parameter", field_name: field });

describe("requests for a partition", () => {
  it("carry the key where the manifest says, from the parent that the partition is from", () => {
    const router = routerOf(
      substream(
        parent([], { partition_field: "a", request_option: option("project") }),
        parent([], { partition_field: "b", request_option: option("group") }),
      ),
    );
    expect(router.options(slice({ a: 1 })).params).toEqual({ project: 1 });
    expect(router.options(slice({ b: 2 })).params).toEqual({ group: 2 });
    expect(router.options(slice({ b: 0 })).params).toEqual({});
  });

  it("carry it once where several parents say the same", () => {
    const same = parent([], { request_option: option("project") });
    expect(routerOf(substream(same, same)).options(slice({ parent_id: 1 })).params).toEqual({ project: 1 });
  });
});

it("needs a parent", () => {
  expect(issuesOf(substream()).join()).toContain("parent_stream_configs");
});
