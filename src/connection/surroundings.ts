/** What the object takes from the world besides its storage. Tests give their own. */
export interface Surroundings {
  /** Epoch milliseconds. */
  now(): number;
  /** Between 0 and 1. */
  random(): number;
  /** A new UUIDv7: later ids sort after earlier ones. */
  newId(): string;
}
