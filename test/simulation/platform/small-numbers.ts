/** A constant that a module counts by, and what it is here. */
export interface SmallNumber {
  readonly module: string;
  readonly name: string;
  readonly value: number;
}

/**
 * What is done in batches is done in small ones: a simulated upstream has a handful of entities, and a first batch that
 * takes everything would never show what comes after it.
 */
export const SMALL_NUMBERS: readonly SmallNumber[] = [
  { module: "src/core/bitmap.ts", name: "CHUNK_BITS", value: 8 },
  { module: "src/sync/sweep-orphans.ts", name: "BATCH", value: 2 },
  { module: "src/sync/slice-end.ts", name: "SWEEP_BATCHES", value: 2 },
  { module: "src/triggers/sweep.ts", name: "PAGE", value: 1 },
  { module: "src/connection/outbox.ts", name: "BATCH", value: 3 },
  { module: "src/connection/event-outbox.ts", name: "BATCH", value: 3 },
  // Two ids of a letter.
  {
    module: "src/connection/entity-store.ts",
    name: "BINDING_CHARACTERS",
    value: 10,
  },
];

/** The module's text with its numbers made small. Throws where one is not there any more. */
export function withSmallNumbers(url: string, source: string): string {
  let made = source;
  for (const { module, name, value } of SMALL_NUMBERS) {
    if (!url.endsWith(`/${module}`)) continue;
    const constant = new RegExp(`(?<=\\b${name} = )[\\d_]+(?=;)`);
    if (!constant.test(made)) throw new Error(`${module} has no constant ${name}.`);
    made = made.replace(constant, String(value));
  }
  return made;
}
