import type { Keepsakes } from "#sources/source";

/** Whoever obtains a token under a name, by the keepsakes that it goes to: those are one object for a connection. */
const lastOf = new WeakMap<Keepsakes, Map<string, Promise<void>>>();

/**
 * Does the work when nobody else is at work under this name: each refresh token is good for one refresh, and the streams
 * of a source, and its check, are read side by side. Whoever waited should look first whether the work has been done.
 */
export async function oneAtATime<T>(keepsakes: Keepsakes, name: string, work: () => Promise<T>): Promise<T> {
  const names = lastOf.get(keepsakes) ?? new Map<string, Promise<void>>();
  lastOf.set(keepsakes, names);
  const before = names.get(name) ?? Promise.resolve();
  const done = before.then(work);
  // The next one's turn comes whether this one succeeds or fails.
  const turn = done.then(
    () => undefined,
    () => undefined,
  );
  names.set(name, turn);
  try {
    return await done;
  } finally {
    if (names.get(name) === turn) names.delete(name);
  }
}
