import { expect, test } from "vitest";

import type { Json, JsonObject } from "#core/json";
import { compileManifest } from "#sources/manifest/compile";
import { openManifest } from "#sources/manifest/manifest-source";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";
import type { Page } from "#sources/source";
import { aManifest, aStreamOf } from "#test/support/a-manifest";
import { testHttp } from "#test/support/test-http";

/*
 * The parents of a stream are a report that the API prepares. The Python CDK can't read such a stream, so there is no
 * recording of it.
 */

const request = (path: string, method: string): JsonObject => ({
  type: "HttpRequester",
  url_base: "https://api.test",
  path,
  http_method: method,
});
const extract = (...path: string[]): JsonObject => ({ type: "DpathExtractor", field_path: path });
const companies: JsonObject = {
  type: "DeclarativeStream",
  name: "companies",
  primary_key: "id",
  retriever: {
    type: "AsyncRetriever",
    status_mapping: { type: "AsyncJobStatusMap", running: ["busy"], completed: ["done"], failed: [], timeout: [] },
    status_extractor: extract("status"),
    download_target_extractor: extract("urls"),
    download_extractor: extract("data"),
    record_selector: { type: "RecordSelector", extractor: extract("data") },
    creation_requester: request("jobs", "POST"),
    polling_requester: request("jobs/{{ creation_response['id'] }}", "GET"),
    download_requester: { type: "HttpRequester", url: "{{ download_target }}", http_method: "GET" },
  },
};
const notes: JsonObject = {
  ...aStreamOf("notes"),
  retriever: {
    type: "SimpleRetriever",
    requester: request("notes/{{ stream_partition['company'] }}", "GET"),
    record_selector: { type: "RecordSelector", extractor: extract("data") },
    partition_router: {
      type: "SubstreamPartitionRouter",
      parent_stream_configs: [{ stream: companies, parent_key: "id", partition_field: "company" }],
    },
  },
};

test("a report of parents is asked for once, however often the read waits for it and is continued", async () => {
  let now = Date.UTC(2026, 0, 1);
  const asked: string[] = [];
  let polls = 0;
  const answers: Readonly<Record<string, () => Json>> = {
    "POST /jobs": () => ({ id: "j" }),
    "GET /jobs/j": () => {
      polls += 1;
      return polls < 5 ? { status: "busy" } : { status: "done", urls: ["https://api.test/a", "https://api.test/b"] };
    },
    "GET /a": () => ({ data: [{ id: 1 }, { id: 2 }] }),
    "GET /b": () => ({ data: [{ id: 3 }] }),
  };
  const http = testHttp({
    now: () => now,
    fetch: async (url, init) => {
      const { pathname } = new URL(url);
      asked.push(`${init.method ?? "GET"} ${pathname}`);
      const answer = answers[`${init.method ?? "GET"} ${pathname}`];
      return Response.json(answer === undefined ? { data: [{ id: `note of ${pathname}` }] } : answer());
    },
  });
  const source = () =>
    openManifest(compileManifest(aManifest([notes])), {
      config: { start_date: "2026-01-01" },
      credentials: { api_key: "k" },
      http,
      keepsakes: new MemoryKeepsakes(),
      now: () => now,
    });

  const records: unknown[] = [];
  let checkpoint: Json = null;
  let slices = 0;
  let end: Page["end"] = null;
  for (; end === null; slices += 1) {
    // Each page in another process, which knows nothing but the checkpoint.
    const pages: AsyncIterable<Page> = source().read({ stream: "notes", cursor: null, checkpoint });
    for await (const page of pages) {
      records.push(...page.records);
      checkpoint = JSON.parse(JSON.stringify(page.checkpoint));
      now = Math.max(now, page.resumeAt ?? 0);
      end = page.end;
      break;
    }
    expect(slices).toBeLessThan(50);
  }

  expect(end).toEqual({ cursor: null, complete: true });
  expect(slices).toBeGreaterThan(5);
  expect(asked.filter((one) => one === "POST /jobs")).toHaveLength(1);
  expect(asked.filter((one) => one === "GET /jobs/j")).toHaveLength(5);
  expect(records.map((record) => JSON.stringify(record))).toEqual(
    [1, 2, 3].map((id) => JSON.stringify({ id: `note of /notes/${id}` })),
  );
});
