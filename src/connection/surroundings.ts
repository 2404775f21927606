/** What the object takes from the world besides its storage. Tests give their own. */
export interface Surroundings {
  /** Epoch milliseconds. */
  now(): number;
  /** Between 0 and 1. */
  random(): number;
  /** A new UUIDv7 of a time in epoch milliseconds: ids of later milliseconds sort after those of earlier ones. */
  newId(at: number): string;
}
