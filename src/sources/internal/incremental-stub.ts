import { z } from "zod";

import type { Json } from "#core/json";
import { defineSource, type Page, type ReadRequest, type Stream } from "#sources/source";
import { container, STUB_KEY, stubRecord } from "./stub-record.ts";

const configSchema = z.object({
  entity_count: z
    .int()
    .min(0)
    .max(100_000)
    .default(5)
    .meta({ title: "Entity count" })
    .describe("How many entities there are, the container not counted. Raise it between runs to add some."),
  seed: z.int().default(42).meta({ title: "Seed" }).describe("The same seed makes the same entities."),
});
type Config = z.infer<typeof configSchema>;

const credentialsSchema = z.object({
  stub_key: z.string().trim().min(1).optional().meta({ title: "Stub key" }).describe("Any value."),
});

const cursorSchema = z.object({
  /** -1 where there is none. */
  last_entity_index: z.int(),
  entity_count: z.int(),
});

const checkpointSchema = z.object({
  /** The index of the next entity to make. */
  next_entity_index: z.int(),
});

const STREAM: Stream = { name: "entities", primaryKey: STUB_KEY, incremental: true };
const PAGE_RECORDS = 100;

/**
 * Makes only what is new since the last run: the container, which says how many entities there are, and the entities
 * behind the cursor. Entities that a smaller count leaves out disappear with a full run, not with an incremental one.
 */
export const incrementalStub = defineSource({
  shortName: "incremental_stub",
  name: "Incremental Stub",
  description: "Makes up entities and remembers where it stopped. For tests of Sluice itself.",
  labels: ["Internal", "Testing"],
  continuous: true,
  internal: true,
  streamNames: [STREAM.name],
  // A cursor counts entities, of however many there are.
  placeFields: [],
  config: configSchema,
  credentials: credentialsSchema,
  open({ config }) {
    return {
      async check() {},
      async streams() {
        return [STREAM];
      },
      read: (request) => pages(config, request),
    };
  },
});

async function* pages({ entity_count, seed }: Config, { cursor, checkpoint }: ReadRequest): AsyncGenerator<Page, void> {
  const lastKnown = cursor === null ? -1 : cursorSchema.parse(cursor).last_entity_index;
  const first = container("incremental_stub", seed, entity_count);
  let records: unknown[] = checkpoint === null ? [first] : [];
  let index = checkpoint === null ? lastKnown + 1 : checkpointSchema.parse(checkpoint).next_entity_index;
  for (;;) {
    for (; index < entity_count && records.length < PAGE_RECORDS; index += 1) {
      records.push(stubRecord({ source: "incremental_stub", seed, index, kind: "small" }));
    }
    const ended = index >= entity_count;
    const next: Json = { last_entity_index: Math.max(lastKnown, entity_count - 1), entity_count };
    yield {
      records,
      tombstones: [],
      checkpoint: { next_entity_index: index },
      end: ended ? { cursor: next, complete: cursor === null } : null,
    };
    if (ended) return;
    records = [];
  }
}
