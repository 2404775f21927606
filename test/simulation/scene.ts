import * as fc from "fast-check";

import type { Manner } from "#test/support/moving-upstream";

/** How things stand when a history begins. */
export interface Scene {
  /** How the upstreams show what they have. */
  readonly manner: Manner;
  readonly connections: number;
  /** They have only just been made; otherwise each has a copy of something. */
  readonly isNew: boolean;
}

const MANNERS: readonly Manner[] = ["listing", "updated_since", "changes"];

/** A first sync can go wrong in ways of its own, and is one of many. */
const IS_NEW = [false, false, false, true] as const;

/** @param connections how many there may be, each as often as it is to come */
export function sceneOf(connections: readonly number[]): fc.Arbitrary<Scene> {
  return fc.record({
    manner: fc.constantFrom(...MANNERS),
    connections: fc.constantFrom(...connections),
    isNew: fc.constantFrom(...IS_NEW),
  });
}
