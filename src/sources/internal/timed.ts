import { z } from "zod";

import { defineSource, type Stream } from "#sources/source";
import { pacedPages } from "./paced-pages.ts";
import { container, STUB_KEY, stubRecord } from "./stub-record.ts";

const configSchema = z.object({
  entity_count: z
    .int()
    .min(1)
    .max(100_000)
    .default(100)
    .meta({ title: "Entity count" })
    .describe("How many entities there are, the container not counted."),
  duration_seconds: z
    .number()
    .min(0.1)
    .max(600)
    .default(10)
    .meta({ title: "Duration" })
    .describe("How many seconds all entities take, spread evenly."),
  seed: z.int().default(42).meta({ title: "Seed" }).describe("The same seed makes the same entities."),
});

const credentialsSchema = z.object({
  timed_key: z.string().trim().min(1).meta({ title: "Timed key" }).describe("Any value."),
});

const STREAM: Stream = { name: "entities", primaryKey: STUB_KEY, incremental: false };

/** Takes a configured time: a container at once, then entities at even distances. For tests that need a sync to last. */
export const timed = defineSource({
  shortName: "timed",
  name: "Timed",
  description: "Makes up entities at even distances of time. For tests of Sluice itself.",
  labels: ["Internal", "Testing"],
  continuous: false,
  internal: true,
  streamNames: [STREAM.name],
  config: configSchema,
  credentials: credentialsSchema,
  open({ config, now }) {
    const { entity_count, duration_seconds, seed } = config;
    const sequence = {
      count: 1 + entity_count,
      spacingMs: (duration_seconds * 1000) / entity_count,
      recordAt: (index: number) =>
        index === 0
          ? container("timed", seed, entity_count)
          : stubRecord({ source: "timed", seed, index: index - 1, kind: "small" }),
      failure: null,
    };
    return {
      async check() {},
      async streams() {
        return [STREAM];
      },
      read: ({ checkpoint }) => pacedPages(sequence, checkpoint, now),
    };
  },
});
