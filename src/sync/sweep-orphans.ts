import { holdsBack, type DeleteGuard } from "#core/delete-guard";
import type { StreamFailure } from "#core/job";
import type { ActiveStream } from "#core/stream-state";
import { orphansOf } from "./apply-page.ts";
import type { Copy } from "./copy.ts";
import { PassMarks } from "./pass-marks.ts";

/** Entities looked at in one transaction: bounds its memory, and how long it keeps other calls waiting. */
const BATCH = 5_000;

/** Why the orphans of this pass may not be deleted without a confirmation; null if they may. */
export function heldBack(stream: ActiveStream, guard: DeleteGuard): StreamFailure | null {
  const { progress } = stream;
  if (progress.dropped) return null;
  const orphans = orphansOf(stream);
  const outcome = { before: progress.before, orphans, seen: progress.seen, keyless: progress.primaryKey === null };
  if (!holdsBack(guard, outcome)) return null;
  return {
    stream: stream.name,
    category: "deletes_held_back",
    message:
      `The source no longer lists ${orphans} of the ${progress.before} entities in the copy. ` +
      "That is suspiciously many, so nothing was deleted. If it is right, run again with " +
      "force_full_sync=true&confirm_deletes=true, or raise sync_settings.delete_guard_ratio of the source connection.",
  };
}

/**
 * Deletes the next batch of entities that a complete pass has not seen; moves the cursor after the last one.
 *
 * @returns the stream afterwards, to be stored in the same transaction
 */
export function sweepOrphans(copy: Copy, stream: ActiveStream, now: number): ActiveStream {
  const { progress } = stream;
  const marks = new PassMarks(copy, stream.number);
  const batch = copy.scan(stream.number, progress.sweptTo, BATCH);
  const deletes = batch.filter(({ number }) => !marks.has(number)).map(({ id }) => id);
  if (deletes.length > 0) {
    copy.write({ stream: stream.number, jobId: progress.jobId, at: now, deletes }, []);
  }
  const swept: ActiveStream = {
    ...stream,
    count: stream.count - deletes.length,
    lastChangedAt: deletes.length > 0 ? now : stream.lastChangedAt,
    progress: {
      ...progress,
      pages: progress.pages + 1,
      counts: { ...progress.counts, deleted: progress.counts.deleted + deletes.length },
      sweptTo: batch.at(-1)?.id ?? progress.sweptTo,
    },
  };
  if (batch.length === BATCH && orphansOf(swept) > 0) return swept;
  return { ...swept, reset: false, cursor: progress.endCursor, progress: { ...swept.progress, phase: "done" } };
}
