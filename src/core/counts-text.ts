import type { Counts } from "./job.ts";

/** Counts as people read them: those that are not zero, or `nothing new`. */
export function countsText({ inserted, updated, deleted, kept, failed }: Counts): string {
  const parts = [
    part(inserted, "inserted"),
    part(updated, "updated"),
    part(deleted, "deleted"),
    part(kept, "unchanged"),
    part(failed, "refused"),
  ].flat();
  return parts.length === 0 ? "nothing new" : parts.join(", ");
}

function part(count: number, word: string): string[] {
  return count === 0 ? [] : [`${count} ${word}`];
}
