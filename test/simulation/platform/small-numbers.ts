/** A number that a module counts by, as it stands there, and as it is here. */
export interface SmallNumber {
  readonly module: string;
  readonly text: string;
  readonly instead: string;
}

/**
 * What is done in batches is done in small ones: a simulated upstream has a handful of entities, and a first batch that
 * takes everything would never show what comes after it.
 */
export const SMALL_NUMBERS: readonly SmallNumber[] = [
  { module: "src/core/bitmap.ts", text: "CHUNK_BITS = 65_536;", instead: "CHUNK_BITS = 8;" },
  { module: "src/sync/sweep-orphans.ts", text: "BATCH = 5_000;", instead: "BATCH = 2;" },
  { module: "src/sync/run-slice.ts", text: "SWEEP_BATCHES = 20;", instead: "SWEEP_BATCHES = 2;" },
  { module: "src/triggers/sweep.ts", text: "PAGE = 100;", instead: "PAGE = 1;" },
  { module: "src/connection/outbox.ts", text: "BATCH = 20;", instead: "BATCH = 3;" },
  { module: "src/connection/event-outbox.ts", text: "BATCH = 50;", instead: "BATCH = 3;" },
  // Two ids of a letter.
  {
    module: "src/connection/entity-store.ts",
    text: "BINDING_CHARACTERS = 600_000;",
    instead: "BINDING_CHARACTERS = 10;",
  },
];

/** The module's text with its numbers made small. Throws where one is not there any more. */
export function withSmallNumbers(url: string, source: string): string {
  let made = source;
  for (const { module, text, instead } of SMALL_NUMBERS) {
    if (!url.endsWith(`/${module}`)) continue;
    if (!made.includes(text)) throw new Error(`${module} does not say: ${text}`);
    made = made.replace(text, instead);
  }
  return made;
}
