/** When a complete pass may delete what it did not see without somebody saying so. */
export interface DeleteGuard {
  /** The share of a stream that may go, 0..1. */
  readonly ratio: number;
  /** Smaller streams are not guarded. */
  readonly minEntities: number;
}

/** More than half of at least a hundred entities is more likely a fault of the source than the truth. */
export const DEFAULT_DELETE_GUARD: DeleteGuard = { ratio: 0.5, minEntities: 100 };

/** The guard of a connection, as far as it has one of its own. */
export function deleteGuard(
  ratio = DEFAULT_DELETE_GUARD.ratio,
  minEntities = DEFAULT_DELETE_GUARD.minEntities,
): DeleteGuard {
  return { ratio, minEntities };
}

export interface PassOutcome {
  /** Entities in the stream when the pass began. */
  readonly before: number;
  /** Of them, those the pass did not see. */
  readonly orphans: number;
  /** Entities in the stream that the pass saw, new ones included. */
  readonly seen: number;
  /** An edit of an entity without a key looks like a delete and an insert, so only the loss in number is telling. */
  readonly keyless: boolean;
}

/** Would the deletes of this pass be suspiciously many? */
export function holdsBack(guard: DeleteGuard, { before, orphans, seen, keyless }: PassOutcome): boolean {
  const lost = keyless ? Math.min(orphans, before - seen) : orphans;
  return before >= guard.minEntities && lost > guard.ratio * before;
}
