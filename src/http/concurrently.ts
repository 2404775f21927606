/** Six requests wait for an answer at a time in a Worker; more would only queue. */
const CONCURRENCY = 6;

/** Runs `work` over the items, a few at a time, and answers in their order. The first failure stops what has not begun. */
export async function concurrently<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = numbered(items);
  const worker = async () => {
    // Every worker takes from the same generator, so no item is taken twice; leaving the loop by a failure ends it.
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return results;
}

function* numbered<Item>(items: readonly Item[]): Generator<[number, Item]> {
  yield* items.entries();
}
