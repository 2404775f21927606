import { beforeAll, describe, expect, test } from "vitest";

import type { Json, JsonObject } from "#core/json";
import { defineComponent } from "#sources/manifest/component";
import { fetchedProperties, queryProperties } from "#sources/manifest/requester/query-properties";
import { requestParameters } from "#sources/manifest/requester/request-parameters";
import { retriever, type Retriever } from "#sources/manifest/retriever/retriever";
import { keysToLower } from "#sources/manifest/transformation/keys-to-lower";
import { transformation } from "#sources/manifest/transformation/transformation";
import { WHOLE_STREAM } from "#sources/manifest/stream-slice";
import type { Page } from "#sources/source";
import { manifestScope } from "#test/support/manifest-scope";
import { z } from "zod";

let reads = 0;

/** Reads what it is given, a record to a page. */
const scriptedRetriever = defineComponent({
  type: "SimpleRetriever",
  fields: z.object({ records: z.array(z.json()) }),
  build:
    ({ records }) =>
    (): Retriever => ({
      async *read() {
        reads += 1;
        for (const record of records) yield pageOf([record]);
      },
    }),
});

beforeAll(() => {
  retriever.join([scriptedRetriever]);
  transformation.join([keysToLower]);
});

describe("properties are cut into chunks", () => {
  test.each<[JsonObject, readonly (readonly string[])[]]>([
    [{}, [["a", "bb", "ccc"]]],
    [{ always_include_properties: ["id"] }, [["id", "a", "bb", "ccc"]]],
    [chunking({ property_limit_type: "property_count", property_limit: 2 }), [["a", "bb"], ["ccc"]]],
    [
      { ...chunking({ property_limit_type: "property_count", property_limit: 2 }), always_include_properties: ["id"] },
      [
        ["id", "a", "bb"],
        ["id", "ccc"],
      ],
    ],
    [chunking({ property_limit_type: "characters", property_limit: 9 }), [["a", "bb"], ["ccc"]]],
    [chunking({ property_limit_type: "characters", property_limit: 8 }), [["a"], ["bb"], ["ccc"]]],
    [chunking({ property_limit_type: "property_count" }), [["a", "bb", "ccc"]]],
  ])("%j", async (fields, chunks) => {
    expect(await built({ property_list: ["a", "bb", "ccc"], ...fields }).chunks()).toEqual(chunks);
  });

  test("an empty list is one chunk: the request is made all the same", async () => {
    expect(await built({ property_list: [] }).chunks()).toEqual([[]]);
  });
});

describe("properties are picked by the stream's schema", () => {
  const schema = { properties: { A: {}, ccc: {}, other: {} } };
  const property_selector = { type: "JsonSchemaPropertySelector", transformations: [{ type: "KeysToLower" }] };
  const fields = { property_list: ["a", "bb", "ccc"], property_selector };

  test.each<[JsonObject, readonly (readonly string[])[]]>([
    [fields, [["a", "ccc"]]],
    [{ ...fields, always_include_properties: ["id"] }, [["id", "a", "ccc"]]],
    [{ ...fields, property_selector: null }, [["a", "bb", "ccc"]]],
    [{ ...fields, ...chunking({ property_limit: 1 }) }, [["a"], ["ccc"]]],
    [{ ...fields, ...chunking({}) }, [["a", "bb", "ccc"]]],
  ])("%j", async (given, chunks) => {
    expect(await built(given).chunks(schema)).toEqual(chunks);
  });

  test("or not, where there is none", async () => {
    expect(await built(fields).chunks(null)).toEqual([["a", "bb", "ccc"]]);
    expect(await built(fields).chunks({})).toEqual([[]]);
  });
});

describe("records of different chunks are put together by", () => {
  const limit = { property_limit_type: "property_count", property_limit: 1 };
  const record = { id: 7, a: "x", b: 0 };

  test.each<[JsonObject, string | null]>([
    [chunking(limit), "7"],
    [chunking({ ...limit, record_merge_strategy: { type: "GroupByKeyMergeStrategy", key: "a" } }), "x"],
    [chunking({ ...limit, record_merge_strategy: { type: "GroupByKeyMergeStrategy", key: ["a", "id"] } }), "x,7"],
    [chunking({ ...limit, record_merge_strategy: { type: "GroupByKeyMergeStrategy", key: "missing" } }), null],
    [chunking({ ...limit, record_merge_strategy: { type: "GroupByKeyMergeStrategy", key: ["id", "b"] } }), null],
    [{}, null],
  ])("%j: %j", (fields, key) => {
    expect(built({ property_list: [], ...fields }).mergeKeyOf(record)).toBe(key);
  });
});

describe("properties that an endpoint lists", () => {
  const records: Json = [{ name: "a", at: { key: "x" } }, { at: { key: 2 } }, { name: "c" }];
  const endpoint = (path: readonly string[]) => ({
    type: "PropertiesFromEndpoint",
    property_field_path: path,
    retriever: { type: "SimpleRetriever", records },
  });

  test("are read once, and taken from their path", async () => {
    reads = 0;
    const properties = built({ property_list: endpoint(["{{ config['where'] }}", "key"]) }, { where: "at" });
    expect([await properties.chunks(), await properties.chunks()]).toEqual([[["x", "2"]], [["x", "2"]]]);
    expect(reads).toBe(1);
  });

  test("can be given the older way", async () => {
    const properties = fetchedProperties.parse(endpoint(["name"]))(manifestScope({}));
    expect(await properties.chunks()).toEqual([["a", "c"]]);
  });
});

describe("a query parameter that asks for properties", () => {
  const parameters = { plain: "x", fields: { type: "QueryProperties", property_list: ["a", "b"] } };

  test("is the chunk that is read", async () => {
    const read = requestParameters.parse(parameters)(manifestScope({}));
    const slice = { ...WHOLE_STREAM, extraFields: { query_properties: ["a", "b"] } };
    expect(read.values({}, slice)).toEqual({ plain: "x", fields: "a,b" });
    expect(await read.queryProperties?.chunks()).toEqual([["a", "b"]]);
  });

  test("can't be used where no chunks are read", () => {
    const read = requestParameters.parse(parameters)(manifestScope({}));
    expect(() => read.values({}, WHOLE_STREAM)).toThrow(/in a place where none are read/);
  });

  test("can't be there twice", () => {
    const { error } = requestParameters.safeParse({ ...parameters, more: parameters.fields });
    expect(error?.issues).toMatchObject([{ path: ["more"], message: expect.stringContaining("Only one") }]);
  });
});

function chunking(fields: JsonObject): JsonObject {
  return { property_chunking: { type: "PropertyChunking", ...fields } };
}

function built(fields: JsonObject, config: JsonObject = {}) {
  return queryProperties.parse({ type: "QueryProperties", ...fields })(manifestScope(config));
}

function pageOf(records: readonly unknown[]): Page {
  return { records, tombstones: [], checkpoint: null, end: null };
}
