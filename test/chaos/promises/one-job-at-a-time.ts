import type { JobBody } from "#http/schemas/job";

/** One at a time: a job begins when the one before has ended. */
export function oneJobAtATime(jobs: readonly JobBody[]): readonly string[] {
  return jobs.slice(1).flatMap((earlier, index) => {
    const later = jobs[index];
    if (later === undefined || earlier.completed_at === null || earlier.completed_at <= later.created_at) return [];
    return [
      `The job ${later.id} was made at ${later.created_at}, before ${earlier.id} ended at ${earlier.completed_at}.`,
    ];
  });
}
