import { isUpToDate } from "./promises/due-times-fire-once.ts";
import { STREAMS, type SimulatedUpstream } from "./simulated-upstream.ts";
import type { View } from "./view.ts";

// What has come true when everything is well again.

/** Has all that is due been dealt with, and does no delivery wait that may lead to a run? */
export function isDealtWith({ connection, waiting, now }: View): boolean {
  return connection === null || (isUpToDate(connection.plan, now) && (waiting === null || connection.isPaused));
}

/** A feed says itself what changes, but not what only another key shows of before. */
export function needsFullSync({ manner, keys }: SimulatedUpstream): boolean {
  return manner !== "changes" || keys.hides;
}

/**
 * What is wrong with the copy after a sync in which nothing changed; null where it is what the upstream shows to the key
 * with which it was asked last.
 */
export function copyFault({ streams, entities, connection }: View, upstream: SimulatedUpstream): string | null {
  for (const name of STREAMS) {
    const number = streams.find((stream) => stream.name === name)?.number;
    const { lastKey } = upstream.given(name);
    if (lastKey === null) return `A quiet sync did not read ${name}.`;
    const wanted = textOf(upstream.texts(name, connection?.config.edition ?? 0, lastKey));
    const own = [...entities].filter(([key]) => key.startsWith(`${number} `));
    const held = textOf(own.map(([, { text }]) => text));
    if (held !== wanted) return `After a quiet sync ${name} is ${held}; the upstream has ${wanted}.`;
  }
  return null;
}

function textOf(texts: readonly string[]): string {
  return texts.toSorted((one, other) => (one < other ? -1 : 1)).join();
}
