import type { Job } from "./api-answers.ts";
import { count } from "./progress-bar.ts";
import { manyLines, oneLine } from "./terminal-text.ts";

/** `12,600 inserted, 3 updated, 0 deleted, 17,400 unchanged`; refused entities only where there are some. */
export function countsOf(job: Job): string {
  const counts = [
    `${count(job.entities_inserted)} inserted`,
    `${count(job.entities_updated)} updated`,
    `${count(job.entities_deleted)} deleted`,
    `${count(job.entities_kept)} unchanged`,
  ];
  if (job.entities_failed > 0) counts.push(`${count(job.entities_failed)} refused`);
  return counts.join(", ");
}

/** How many entities the job has dealt with. */
export function doneBy(job: Job): number {
  return job.entities_inserted + job.entities_updated + job.entities_deleted + job.entities_kept + job.entities_failed;
}

/**
 * What became of a job:
 * ```
 * FAILED in 3.2 s: 12,600 inserted, 0 updated, 0 deleted, 0 unchanged
 *   orders: The API answered 500.
 * ```
 */
export function reportOf(job: Job): string {
  const seconds = job.duration_seconds === null ? "" : ` in ${durationText(job.duration_seconds)}`;
  const lines = [`${job.status}${seconds}: ${countsOf(job)}`];
  const failed = job.error_details?.streams ?? [];
  // The error has the same sentences in one.
  if (job.error !== null && failed.length === 0) lines.push(...indented(job.error));
  for (const { stream, message } of failed)
    lines.push(...indented(stream === null ? message : `${stream}: ${message}`));
  for (const { stream, id, reason } of job.error_details?.rejected ?? []) {
    lines.push(`  refused ${oneLine(stream)} ${oneLine(id ?? "without an id")}: ${oneLine(reason)}`);
  }
  return lines.join("\n");
}

/** `5 ms`, `3.2 s`, `4 min 10 s`, `2 h 5 min` */
export function durationText(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1_000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}

function indented(text: string): string[] {
  return manyLines(text)
    .split("\n")
    .map((line) => `  ${line}`);
}
