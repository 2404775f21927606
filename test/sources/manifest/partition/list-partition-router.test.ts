import { describe, expect, it } from "vitest";

import { SourceFailure } from "#sources/source";
import { list, namesOf, roundOf, routerOf } from "./partitions-of.ts";

describe("listPartitionRouter", () => {
  it("has a partition for each value", async () => {
    expect(await namesOf(routerOf(list("p", ["a", "b", "a", 1, "1"])))).toEqual([
      { p: "a" },
      { p: "b" },
      { p: "a" },
      { p: 1 },
      { p: "1" },
    ]);
  });

  it("takes its list, and the field's name, from the config", async () => {
    const router = routerOf(list("{{ config.field }}", "{{ config['symbols'] }}"), { field: "s", symbols: ["X", 7] });
    expect(await namesOf(router)).toEqual([{ s: "X" }, { s: 7 }]);
  });

  it("refuses what is no list, instead of reading a text letter by letter", async () => {
    const router = routerOf(list("p", "{{ config['symbols'] }}"), { symbols: "AAPL" });
    await expect(roundOf(router)).rejects.toThrow(SourceFailure);
    await expect(roundOf(router)).rejects.toThrow(/things .* is not a list/);
  });

  it("begins again where the value that was read last is gone from the list", async () => {
    const { shown } = await roundOf(routerOf(list("p", ["a", "b"])));
    const position = shown[0]?.position ?? null;
    expect(await namesOf(routerOf(list("p", ["b", "c"])), { position, inclusive: false })).toHaveLength(2);
  });

  it("sends the value where the manifest says, unless Python takes it for nothing", () => {
    const option = { type: "RequestOption", inject_into: "request_parameter", field_name: "which" };
    const router = routerOf(list("p", ["a"], { request_option: option }));
    const paramsOf = (p: string | number | boolean) =>
      router.options({ partition: { p }, cursorSlice: {}, extraFields: {} }).params;
    expect(paramsOf("a")).toEqual({ which: "a" });
    expect([0, "", false].map(paramsOf)).toEqual([{}, {}, {}]);
  });

  it("shows all there is: the list is all", async () => {
    expect((await roundOf(routerOf(list("p", ["a"])))).end).toEqual({ cursor: null, complete: true });
  });
});
