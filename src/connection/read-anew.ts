import { sameContent } from "#core/entity";
import type { JsonObject } from "#core/json";
import { isRead } from "#core/stream-state";
import { readOnEntry } from "#core/stream-entries";
import { replannedEntry } from "#core/planning-entries";
import type { Source } from "#sources/source";
import type { Stores } from "./stores.ts";

/** Could a cursor or checkpoint made under one config mean something else under the other? */
export function movesPlaces(source: Source | null, before: JsonObject, after: JsonObject): boolean {
  const fields = source?.placeFields ?? [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return fields.some((field) => !isSame(before[field], after[field]));
}

export function isSame(a: JsonObject[string] | undefined, b: JsonObject[string] | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return sameContent(JSON.stringify(a), JSON.stringify(b));
}

/**
 * Nothing is gone on with that was begun under another config: a cursor would skip what lies before it, and a pass over
 * half of each would prove deletes. The active job asks for its streams again and reads them from the beginning. What
 * it has committed is kept, and counted. A confirmation of deletes was given for what the other config showed.
 *
 * Call in the transaction that stores the new config.
 */
export function readAnew({ jobs, streams, entities, log }: Stores, now: number): void {
  streams.forgetPlaces();
  const job = jobs.active();
  if (job === null) return;
  jobs.unconfirmFollowUp();
  jobs.write({ ...job, deletesConfirmed: false });
  const { isPlanned } = jobs.planning(job.id);
  jobs.savePlanning({ jobId: job.id, isPlanned: false, attempts: 0, retryAt: null, reason: null });
  if (!isPlanned) return;
  entities.clearAllMarks();
  log.append(job.id, [replannedEntry(now)]);
}

/**
 * The active job goes on where it is with new credentials. A confirmation of deletes was given for what the old ones
 * showed: the active job's too, unless all has been read. Then orphans may be gone already, and the others follow.
 *
 * Call in the transaction that stores them.
 */
export function readOn({ jobs, streams, log }: Stores, now: number): void {
  const job = jobs.active();
  if (job === null) return;
  jobs.unconfirmFollowUp();
  if (jobs.planning(job.id).isPlanned && streams.activeIn(job.id).every(isRead)) return;
  jobs.write({ ...job, deletesConfirmed: false });
  const changed = streams.readOnWithOthers(job.id);
  log.append(
    job.id,
    changed.map((stream) => readOnEntry(stream, now)),
  );
}
