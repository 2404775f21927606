import type { Partition, PartitionsEnd, Pause } from "./partition-router.ts";

type Steps = AsyncGenerator<Partition | Pause, PartitionsEnd, undefined>;

/**
 * Goes through another router's partitions and gives what `use` makes of each, if anything. Ends as they end; who stops
 * in the middle stops them too.
 */
export async function* eachStep(
  partitions: Steps,
  use: (step: Partition | Pause) => Iterable<Partition | Pause>,
): Steps {
  try {
    for (;;) {
      const next = await partitions.next();
      if (next.done === true) return next.value;
      yield* use(next.value);
    }
  } finally {
    await partitions.return({ cursor: null, complete: false });
  }
}
