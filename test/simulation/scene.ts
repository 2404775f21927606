import type { Manner } from "#test/support/moving-upstream";

/** How things stand when a history begins. */
export interface Scene {
  /** How the upstreams show what they have. */
  readonly manner: Manner;
  readonly connections: number;
  /** They have only just been made; otherwise each has a copy of something. */
  readonly isNew: boolean;
}
