import { createServer } from "node:http";

import type { JsonObject } from "#core/json";
import { shortNumber } from "./finding.ts";
import { runToEnd } from "./finished-job.ts";
import { MemorySamples, bounded } from "./memory-samples.ts";
import type { Stage } from "./stage.ts";

const PARENTS_A_PAGE = 1_000;
const SHORT_NAME = "many_partitions";
/**
 * Of the parents' pages, one is asked for again in each slice that goes on in the middle of it. A slice ends after 40
 * requests, but not in the middle of a page, which holds ten partitions.
 */
const LEAST_PARTITIONS_A_SLICE = 30;

/**
 * A full read of a manifest's stream that asks once for each of so many parents. Throws unless every partition is asked
 * for exactly once, and its parents no more often than slices need to find their place.
 */
export async function readManyPartitions(stage: Stage, partitions: number): Promise<string> {
  const upstream = await serveParents(partitions);
  const memory = new MemorySamples(stage);
  try {
    await stage.client.sources.create(SHORT_NAME, {
      name: "Many partitions",
      manifest: JSON.stringify(manifestOf(upstream.address)),
    });
    const { id } = await stage.client.connections.create({
      name: "Many partitions",
      short_name: SHORT_NAME,
      readable_collection_id: "default",
      config: {},
      credentials: {},
      sync_immediately: false,
      schedule: null,
    });
    // That the source was checked asked for the first ones.
    upstream.forget();
    const { seconds } = await runToEnd(stage, id, { isFull: true, inserted: partitions });
    const { partitionsAsked, parentPagesAsked } = upstream.asked;
    const most = Math.ceil(partitions / PARENTS_A_PAGE) + Math.ceil(partitions / LEAST_PARTITIONS_A_SLICE);
    if (partitionsAsked.some((times) => times !== 1) || parentPagesAsked > most) {
      const repeated = partitionsAsked.filter((times) => times > 1).length;
      throw new Error(
        `${repeated} of ${partitions} partitions were asked for again, and ${parentPagesAsked} pages of parents.`,
      );
    }
    await stage.client.connections.remove(id);
    await stage.client.sources.remove(SHORT_NAME);
    return `${partitions.toLocaleString("en-US")} partitions in ${seconds.toFixed(0)} s, each asked for once, ${shortNumber(parentPagesAsked)} requests for their parents; ${bounded(memory, 1)}`;
  } finally {
    memory.end();
    await upstream.close();
  }
}

function manifestOf(address: string): JsonObject {
  const requester = { type: "HttpRequester", url_base: address, http_method: "GET" };
  const record_selector = {
    type: "RecordSelector",
    extractor: { type: "DpathExtractor", field_path: ["records"] },
  };
  const schema_loader = { type: "InlineSchemaLoader", schema: { type: "object", properties: {} } };
  const parents = {
    type: "DeclarativeStream",
    name: "parents",
    primary_key: "id",
    schema_loader,
    retriever: {
      type: "SimpleRetriever",
      requester: { ...requester, path: "/parents" },
      record_selector,
      paginator: {
        type: "DefaultPaginator",
        page_token_option: { type: "RequestOption", inject_into: "request_parameter", field_name: "page" },
        pagination_strategy: { type: "PageIncrement", page_size: PARENTS_A_PAGE },
      },
    },
  };
  const children = {
    type: "DeclarativeStream",
    name: "children",
    primary_key: "id",
    schema_loader,
    retriever: {
      type: "SimpleRetriever",
      requester: { ...requester, path: "/children/{{ stream_partition.parent }}" },
      record_selector,
      partition_router: {
        type: "SubstreamPartitionRouter",
        parent_stream_configs: [
          { type: "ParentStreamConfig", stream: parents, parent_key: "id", partition_field: "parent" },
        ],
      },
    },
  };
  return {
    version: "7.0.0",
    type: "DeclarativeSource",
    check: { type: "CheckStream", stream_names: ["children"] },
    streams: [children],
    spec: { type: "Spec", connection_specification: { type: "object", properties: {} } },
  };
}

/** `/parents?page=N` lists them, `/children/PARENT` has one record each. Counts how often each is asked for. */
async function serveParents(count: number) {
  const asked = { partitionsAsked: Array.from({ length: count }, () => 0), parentPagesAsked: 0 };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://upstream");
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ records: url.pathname === "/parents" ? parentsOn(url) : [childOf(url)] }));
  });
  const parentsOn = (url: URL) => {
    asked.parentPagesAsked += 1;
    const first = Number(url.searchParams.get("page") ?? 0) * PARENTS_A_PAGE;
    return Array.from({ length: Math.max(0, Math.min(PARENTS_A_PAGE, count - first)) }, (_, at) => ({
      id: first + at,
    }));
  };
  const childOf = (url: URL) => {
    const parent = Number(url.pathname.split("/").at(-1));
    asked.partitionsAsked[parent] = (asked.partitionsAsked[parent] ?? 0) + 1;
    return { id: parent, parent };
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  return {
    address: `http://127.0.0.1:${typeof bound === "object" && bound !== null ? bound.port : 0}`,
    asked,
    forget() {
      asked.partitionsAsked.fill(0);
      asked.parentPagesAsked = 0;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
