import { sameContent } from "#core/entity";
import type { JsonObject } from "#core/json";
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
  jobs.write({ ...job, deletesConfirmed: false });
  jobs.unconfirmFollowUp();
  const { isPlanned } = jobs.planning(job.id);
  jobs.savePlanning({ jobId: job.id, isPlanned: false, attempts: 0, retryAt: null, reason: null });
  if (!isPlanned) return;
  entities.clearAllMarks();
  log.append(job.id, [replannedEntry(now)]);
}
