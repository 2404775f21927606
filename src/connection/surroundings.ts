import type { Source } from "#sources/source";

/** What the object takes from the world besides its storage. Tests give their own. */
export interface Surroundings {
  /** Epoch milliseconds. */
  now(): number;
  /** Between 0 and 1. */
  random(): number;
  /** A new UUIDv7 of a time in epoch milliseconds, which sorts after those that were made before. */
  newId(at: number): string;
  /** The source that comes with Sluice under this name; null where there is none. */
  findSource(shortName: string): Source | null;
}
