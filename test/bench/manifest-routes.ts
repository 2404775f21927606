import { Hono } from "hono";
import { z } from "zod";

import type { JsonObject } from "#core/json";
import { createSourceHttp, type SourceHttp } from "#sources/http-client";
import { compileManifest } from "#sources/manifest/compile";
import { openManifest } from "#sources/manifest/manifest-source";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";

/** Looks at no record: reading them is what is measured, not checking them. */
const pageSchema = z.object({
  records: z.custom<unknown[]>(Array.isArray),
  has_more: z.boolean(),
  next: z.string().nullable(),
});

/** Pages that were fetched before, by where they come from: reads that take them from here wait for no network. */
const held = new Map<string, ArrayBuffer>();

/** Reads of the benchmark's upstream: by a manifest, and by the HTTP client alone. Both keep no record. */
export const manifestRoutes = new Hono();

manifestRoutes.post("/engine", async ({ req, json }) => {
  const { manifest, stream, fromMemory } = await req.json<{
    manifest: JsonObject;
    stream: string;
    fromMemory: boolean;
  }>();
  const source = openManifest(compileManifest(manifest), {
    config: {},
    credentials: { token: "bench" },
    http: sourceHttp(fromMemory),
    keepsakes: new MemoryKeepsakes(),
    now: Date.now,
  });
  await source.streams();
  let records = 0;
  for await (const page of source.read({ stream, cursor: null, checkpoint: null })) {
    records += page.records.length;
  }
  return json({ records });
});

manifestRoutes.post("/native", async ({ req, json }) => {
  const { address, pageSize, fromMemory } = await req.json<{
    address: string;
    pageSize: number;
    fromMemory: boolean;
  }>();
  const http = sourceHttp(fromMemory);
  let records = 0;
  for (let after = "", more = true; more;) {
    const url = `${address}/records?limit=${pageSize}${after}`;
    const answer = await http.request({ url, headers: { authorization: "Bearer bench" } });
    const page = pageSchema.parse(answer.json());
    records += page.records.length;
    more = page.has_more;
    after = `&after=${page.next ?? ""}`;
  }
  return json({ records });
});

manifestRoutes.post("/forget", ({ json }) => {
  held.clear();
  return json({});
});

function sourceHttp(fromMemory: boolean): SourceHttp {
  return createSourceHttp({
    fetch: (url, init) => (fromMemory ? fetchOnce(url, init) : fetch(url, init)),
    signal: new AbortController().signal,
    now: Date.now,
    allowPrivate: true,
    secrets: ["bench"],
    maxResponseBytes: 8_000_000,
    requestTimeoutMs: 30_000,
  });
}

async function fetchOnce(url: string, init: RequestInit): Promise<Response> {
  const { origin, searchParams } = new URL(url);
  const key = `${origin} ${searchParams.get("after") ?? ""}`;
  const body = held.get(key) ?? (await (await fetch(url, init)).arrayBuffer());
  held.set(key, body);
  return new Response(body, { headers: { "content-type": "application/json" } });
}
