import { describe, expect, test } from "vitest";

import type { Json, JsonObject } from "#core/json";
import { compileManifest } from "#sources/manifest/compile";
import { openManifest } from "#sources/manifest/manifest-source";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";
import type { End } from "#sources/source";
import { aManifest, aStreamOf } from "#test/support/a-manifest";
import { testHttp } from "#test/support/test-http";

/*
 * A read that ends `complete` lets whatever it did not see be deleted, and a cursor that moves leaves out what came
 * before. Neither may rest on an answer that says nothing of its records.
 */

const NOW = Date.UTC(2026, 0, 9);
const ten = Array.from({ length: 10 }, (_, index) => ({ id: index, updated_at: `2026-01-0${(index % 5) + 1}` }));

/** Reads `companies` to its end. @param answers by page */
async function endOf(answers: readonly (Json | Response)[], definition: JsonObject, path = "/companies"): Promise<End> {
  const http = testHttp({
    now: () => NOW,
    fetch: async (url) => {
      const { pathname, searchParams } = new URL(url);
      if (pathname !== path) return Response.json({ data: [] });
      const answer = answers[Number(searchParams.get("page") ?? 1) - 1];
      if (answer === undefined) return Response.json({ data: [] });
      return answer instanceof Response ? answer : Response.json(answer);
    },
  });
  const source = openManifest(compileManifest(aManifest([definition])), {
    config: { start_date: "2026-01-01" },
    credentials: { api_key: "k" },
    http,
    keepsakes: new MemoryKeepsakes(),
    now: () => NOW,
  });
  const [stream] = await source.streams();
  for await (const { end } of source.read({ stream: stream?.name ?? "", cursor: null, checkpoint: null }))
    if (end !== null) return end;
  throw new Error("The read did not end.");
}

const companies = aStreamOf("companies");
const at = (...path: string[]): JsonObject => ({ type: "DpathExtractor", field_path: path });
const found = (extractor: JsonObject, requester: JsonObject = {}): JsonObject => ({
  ...companies,
  retriever: {
    type: "SimpleRetriever",
    requester: { type: "HttpRequester", url_base: "https://api.test", path: "companies", ...requester },
    record_selector: { type: "RecordSelector", extractor },
  },
});
const either: JsonObject = { type: "CombinedExtractor", extractors: [at("data"), at("items")] };

describe("an answer proves what there is where it has the place of its records", () => {
  test.each<[string, Json | Response, JsonObject]>([
    ["a list", { data: [{ id: 1 }] }, found(at("data"))],
    ["an empty list", { data: [] }, found(at("data"))],
    ["null, which some servers write for an empty list", { data: null }, found(at("data"))],
    ["an object, which is one record", { data: { id: 1 } }, found(at("data"))],
    ["a whole body that is an empty list", [], found(at())],
    ["an empty list below a pattern", { data: [] }, found(at("data", "*", "items"))],
    ["a status that says that there is nothing", new Response(null, { status: 204 }), found(at("data"))],
    ["one of the places that are looked at", { items: [] }, found(either)],
  ])("%s", async (_what, answer, definition) => {
    expect(await endOf([answer], definition)).toMatchObject({ complete: true });
  });

  test.each<[string, Json | Response, JsonObject]>([
    ["an empty object", {}, found(at("data"))],
    ["an object of another kind", { hello: "world" }, found(at("data"))],
    ["an error that came with the status of success", { error: { message: "try later" } }, found(at("data"))],
    ["a list where an object was expected", [], found(at("data"))],
    ["nothing at all", null, found(at("data"))],
    ["nothing where the body is the list", null, found(at())],
    ["an empty object where the body is the list", {}, found(at())],
    ["no body where there is to be an object", new Response(""), found(at("data"))],
    ["no body where it is the list", new Response(""), found(at())],
    ["false, which some servers write for an error", { data: false }, found(at("data"))],
    ["a text in the place of the records", { data: "" }, found(at("data"))],
    ["a place that ends on the way", { data: {} }, found(at("data", "items"))],
    ["nothing above a pattern", { hello: [] }, found(at("data", "*", "items"))],
    ["none of the places that are looked at", { hello: [] }, found(either)],
  ])("not with %s", async (_what, answer, definition) => {
    expect(await endOf([answer], definition)).toMatchObject({ complete: false });
  });

  test("not where one page among others is without it", async () => {
    expect(await endOf([{ data: ten }, { data: ten }, {}], companies)).toMatchObject({ complete: false });
  });

  test("not of the children of parents that were not told", async () => {
    const notes: JsonObject = {
      ...aStreamOf("notes"),
      retriever: {
        type: "SimpleRetriever",
        requester: {
          type: "HttpRequester",
          url_base: "https://api.test",
          path: "notes/{{ stream_partition['company'] }}",
        },
        record_selector: { type: "RecordSelector", extractor: at("data") },
        partition_router: {
          type: "SubstreamPartitionRouter",
          parent_stream_configs: [{ stream: companies, parent_key: "id", partition_field: "company" }],
        },
      },
    };
    expect(await endOf([{ data: ten }], notes)).toMatchObject({ complete: true });
    expect(await endOf([{ data: ten }, { hello: "world" }], notes)).toMatchObject({ complete: false });
  });
});

const ignoring = (status: number): JsonObject => {
  const filter = { type: "HttpResponseFilter", http_codes: [status], action: "IGNORE" };
  return found(at("data"), { error_handler: { type: "DefaultErrorHandler", response_filters: [filter] } });
};

describe("an answer that the manifest ignores", () => {
  test.each([
    [403, false],
    [500, false],
    [404, true],
    [410, true],
  ])("with status %d proves that there is nothing: %s", async (status, complete) => {
    expect(await endOf([new Response(null, { status })], ignoring(status))).toMatchObject({ complete });
  });
});

test("a cursor does not move past a page without the place of its records", async () => {
  const dated: JsonObject = {
    ...companies,
    incremental_sync: {
      type: "DatetimeBasedCursor",
      cursor_field: "updated_at",
      datetime_format: "%Y-%m-%d",
      start_datetime: "{{ config['start_date'] }}",
    },
  };
  const moved = await endOf([{ data: ten }, { data: [] }], dated);
  expect(JSON.stringify(moved.cursor)).toContain("2026-01-05");
  const held = await endOf([{ data: ten }, { hello: "world" }], dated);
  expect(JSON.stringify(held.cursor)).not.toContain("2026-01-05");
});
