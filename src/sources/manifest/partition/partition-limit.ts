import { SourceFailure } from "#sources/source";

/** Partitions that may be held at once: tens of megabytes of a Worker's 128. */
const MAX_HELD = 50_000;

/** @throws SourceFailure past the limit of what a router may keep in memory */
export function limitHeld(count: number): void {
  if (count <= MAX_HELD) return;
  throw new SourceFailure({
    kind: "bad_request",
    message: `The stream's routers have more than ${MAX_HELD} combinations of partitions. Put the router with the most partitions first in partition_router: the first one is read page by page, the others are kept in memory.`,
    final: true,
  });
}
