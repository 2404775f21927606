import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { z } from "zod";

import { SeenOnce, type Truth } from "./seen-once.ts";
import type { Stage } from "./stage.ts";

/** As many changes as are given at once. */
const CHANGES_A_PAGE = 1_000;

/** Only what frames the entities is checked by it: they are held to the truth one by one, and there are millions. */
const changePageSchema = z.object({
  changes: z.custom<readonly { op: unknown; stream: unknown; id: unknown; entity: unknown }[]>(Array.isArray),
  next_cursor: z.string(),
  has_more: z.boolean(),
});

/**
 * Holds a connection's copy and its change feed, as the API gives them, to what the source has: each document once, as
 * it is there, and nothing else. Both are read a line or a page at a time. Throws what is wrong.
 */
export async function expectWholeCopy(stage: Stage, connectionId: string, truth: Truth): Promise<void> {
  await expectExport(stage, connectionId, truth);
  await expectFeed(stage, connectionId, truth);
}

async function expectExport({ client }: Stage, connectionId: string, truth: Truth): Promise<void> {
  const seen = new SeenOnce(truth, "The export");
  const { body } = await client.copy.export(connectionId, undefined);
  if (body === null) throw new Error("The export has no body.");
  const bytes = Readable.from(chunksOf(body));
  for await (const line of createInterface({ input: bytes, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line === "") continue;
    const { stream, id, data } = Object(JSON.parse(line));
    seen.meet(stream, id, data);
  }
  seen.expectAll();
}

/** The keys that the feed has, from its beginning, are those of the copy: what was inserted adds up. */
async function expectFeed({ address, apiKey }: Stage, connectionId: string, truth: Truth): Promise<void> {
  const seen = new SeenOnce(truth, "The change feed");
  for (let since = "", hasMore = true; hasMore;) {
    const url = `${address}/v1/source-connections/${connectionId}/changes?limit=${CHANGES_A_PAGE}${since}`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${apiKey}` } });
    if (!response.ok) throw new Error(`The change feed answered ${response.status}: ${await response.text()}`);
    const page = changePageSchema.parse(await response.json());
    for (const { op, stream, id, entity } of page.changes) {
      if (op !== "upsert") throw new Error(`The change feed has ${String(op)} of ${String(id)}, which nobody deleted.`);
      seen.meet(stream, id, entity);
    }
    since = `&since=${page.next_cursor}`;
    hasMore = page.has_more;
  }
  seen.expectAll();
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}
