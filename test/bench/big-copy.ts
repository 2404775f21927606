import { orders } from "#cli/sample-documents";
import { runToEnd } from "./finished-job.ts";
import { MemorySamples, bounded } from "./memory-samples.ts";
import type { Stage } from "./stage.ts";
import { expectWholeCopy } from "./whole-copy.ts";

const PAGE_SIZE = 2_000;

/** Very many entities in one connection, synced and synced again unchanged. The copy and its feed are the source's. */
export async function syncBig(stage: Stage, entities: number): Promise<string> {
  const database = stage.addDatabase("big", entities, orders);
  const id = await stage.connectTo(database, PAGE_SIZE);
  const memory = new MemorySamples(stage);
  const first = await runToEnd(stage, id, { isFull: false, inserted: entities });
  const again = await runToEnd(stage, id, { isFull: true, kept: entities });
  const startedAt = performance.now();
  await expectWholeCopy(stage, id, { stream: database.name, maker: orders, count: entities });
  const readSeconds = (performance.now() - startedAt) / 1_000;
  memory.end();
  return [
    `${entities.toLocaleString("en-US")} entities in ${first.seconds.toFixed(0)} s, again unchanged in ${again.seconds.toFixed(0)} s`,
    `export and change feed have each of them once, as the source does (read in ${readSeconds.toFixed(0)} s)`,
    bounded(memory, 1),
  ].join("; ");
}
