import { z } from "zod";

import { defineSource, SourceFailure, type Stream } from "#sources/source";
import { pacedPages } from "./paced-pages.ts";
import { seededRandom } from "./seeded-random.ts";
import { container, STUB_KEY, stubRecord, type StubKind } from "./stub-record.ts";

const weight = (title: string, share: number) =>
  z
    .int()
    .min(0)
    .max(100)
    .default(share)
    .meta({ title })
    .describe("Its share among the kinds; all 0 means equal shares.");

const configSchema = z.object({
  entity_count: z
    .int()
    .min(1)
    .max(100_000)
    .default(10)
    .meta({ title: "Entity count" })
    .describe("How many entities there are, the container among them."),
  seed: z.int().default(42).meta({ title: "Seed" }).describe("The same seed makes the same entities."),
  generation_delay_ms: z
    .int()
    .min(0)
    .max(10_000)
    .default(0)
    .meta({ title: "Generation delay" })
    .describe("Milliseconds from one entity to the next."),
  small_entity_weight: weight("Weight of small entities", 30),
  medium_entity_weight: weight("Weight of medium entities", 30),
  large_entity_weight: weight("Weight of large entities", 10),
  small_file_weight: weight("Weight of small files", 15),
  large_file_weight: weight("Weight of large files", 5),
  code_file_weight: weight("Weight of code files", 10),
  inject_special_tokens: z
    .boolean()
    .default(false)
    .meta({ title: "Inject special tokens" })
    .describe("Put tokens that language models reserve into the content."),
  custom_content_prefix: z
    .string()
    .nullish()
    .meta({ title: "Content prefix" })
    .describe("Text that every content begins with."),
  fail_after: z
    .int()
    .min(-1)
    .nullish()
    .meta({ title: "Fail after" })
    .describe("Fail after this many entities, the container not counted; -1 for never."),
});
type Config = z.infer<typeof configSchema>;

const credentialsSchema = z.object({
  stub_key: z.string().trim().min(1).meta({ title: "Stub key" }).describe("Any value."),
});

const STREAM: Stream = { name: "entities", primaryKey: STUB_KEY, incremental: false };

/** Makes a configured number of entities out of nothing: one container, and others of several kinds and sizes. */
export const stub = defineSource({
  shortName: "stub",
  name: "Stub",
  description: "Makes up entities, the same ones for the same seed. For tests of Sluice itself.",
  labels: ["Internal", "Testing"],
  continuous: false,
  internal: true,
  streamNames: [STREAM.name],
  config: configSchema,
  credentials: credentialsSchema,
  open({ config, now }) {
    return {
      async check() {},
      async streams() {
        return [STREAM];
      },
      read: ({ checkpoint }) => pacedPages(sequence(config), checkpoint, now),
    };
  },
});

function sequence(config: Config) {
  const { seed, entity_count, generation_delay_ms, fail_after, custom_content_prefix, inject_special_tokens } = config;
  const kindOf = kindChooser(config);
  const failsAfter = fail_after ?? -1;
  const fails = failsAfter >= 0 && failsAfter < entity_count;
  return {
    count: fails ? 1 + failsAfter : entity_count,
    spacingMs: generation_delay_ms,
    recordAt: (index: number) =>
      index === 0
        ? container("stub", seed, entity_count)
        : stubRecord({
            source: "stub",
            seed,
            index: index - 1,
            kind: kindOf(index - 1),
            contentPrefix: custom_content_prefix,
            specialTokens: inject_special_tokens,
          }),
    failure: fails ? simulatedFailure(failsAfter) : null,
  };
}

function simulatedFailure(entities: number): SourceFailure {
  const message = `The stub failed after ${entities} entities, as its fail_after asks. Set fail_after to -1 for a run that succeeds.`;
  return new SourceFailure({ kind: "internal", message, final: true });
}

/** Which kind the entity at an index is of; depends on nothing but the seed, the index and the weights. */
function kindChooser(config: Config): (index: number) => StubKind {
  const weights: readonly (readonly [StubKind, number])[] = [
    ["small", config.small_entity_weight],
    ["medium", config.medium_entity_weight],
    ["large", config.large_entity_weight],
    ["small_file", config.small_file_weight],
    ["large_file", config.large_file_weight],
    ["code_file", config.code_file_weight],
  ];
  const total = weights.reduce((sum, [, share]) => sum + share, 0);
  const shares = total === 0 ? weights.map(([kind]) => [kind, 1] as const) : weights;
  return (index) => {
    // A sequence of its own, so that changed weights change the kinds and leave the texts as they are.
    let rest = seededRandom(~config.seed, index)() * (total === 0 ? shares.length : total);
    for (const [kind, share] of shares) {
      rest -= share;
      if (rest < 0) return kind;
    }
    return "small";
  };
}
