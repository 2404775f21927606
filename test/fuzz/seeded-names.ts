import { z } from "zod";

import type { FuzzAnswer } from "./answer-check.ts";
import type { SentRequest } from "./fuzz-history.ts";

type Send = (request: SentRequest) => Promise<FuzzAnswer>;

const id = z.object({ id: z.string() });
export const SEEDED_MANIFEST = {
  version: "6.0.0",
  type: "DeclarativeSource",
  check: { type: "CheckStream", stream_names: ["things"] },
  streams: [
    {
      type: "DeclarativeStream",
      name: "things",
      primary_key: "id",
      retriever: {
        type: "SimpleRetriever",
        requester: { type: "HttpRequester", url_base: "http://127.0.0.1:9", path: "/things" },
        record_selector: { type: "RecordSelector", extractor: { type: "DpathExtractor", field_path: [] } },
      },
    },
  ],
};

/** Gives an organization one of everything, and says what each is called, by the kinds that requests name. */
export async function seedOrganization(send: Send, key: string): Promise<Map<string, string>> {
  const call = async (method: string, address: string, json?: unknown) => {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(json === undefined ? {} : { "content-type": "application/json" }),
    };
    const answer = await send({ method, address, headers, body: json === undefined ? null : JSON.stringify(json) });
    if (answer.status >= 300) throw new Error(`${method} ${address} answered ${answer.status}: ${answer.text}`);
    return JSON.parse(answer.text) as unknown;
  };
  const suffix = crypto.randomUUID().slice(0, 8);
  const collection = `fuzz-${suffix}`;
  await call("POST", "/v1/collections", { name: "Fuzzed", readable_id: collection });
  const source = `crm-${suffix}`;
  await call("POST", "/v1/sources", { short_name: source, manifest: SEEDED_MANIFEST });
  const connection = id.parse(
    await call("POST", "/v1/source-connections", {
      short_name: "stub",
      readable_collection_id: collection,
      config: { entity_count: 3 },
      authentication: { credentials: { stub_key: "key" } },
      schedule: null,
      sync_immediately: false,
    }),
  ).id;
  const job = id.parse(await call("POST", `/v1/source-connections/${connection}/run`)).id;
  const webhook = z
    .object({ url: z.string() })
    .parse(await call("POST", `/v1/source-connections/${connection}/webhook`, { verification: { scheme: "none" } }));
  const apiKey = id.parse(await call("POST", "/v1/api-keys", { name: "Spare" })).id;
  return new Map([
    ["readable_id", collection],
    ["short_name", source],
    ["source-connections", connection],
    ["job_id", job],
    ["token", webhook.url.slice(webhook.url.lastIndexOf("/") + 1)],
    ["api-keys", apiKey],
    ["name", "entities"],
    ["stream", "entities"],
    ["entity_id", "1"],
  ]);
}
