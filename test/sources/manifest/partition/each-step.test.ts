import { expect, test } from "vitest";

import { eachStep } from "#sources/manifest/partition/each-step";
import type { Partition, PartitionsEnd } from "#sources/manifest/partition/partition-router";

/** Three partitions, and whether whoever reads them has let them end. */
function three() {
  const state = { isOver: false };
  async function* partitions(): AsyncGenerator<Partition, PartitionsEnd, undefined> {
    try {
      for (const id of [1, 2, 3]) yield { partition: { id }, extraFields: {}, position: id };
      return { cursor: "kept", complete: true };
    } finally {
      state.isOver = true;
    }
  }
  return { state, steps: partitions() };
}

test("who stops in the middle stops the partitions that these come from: a parent may be at work on them", async () => {
  const { state, steps } = three();
  const twice = eachStep(steps, (step) => [step, step]);
  await twice.next();
  expect(state.isOver).toBe(false);
  await twice.return({ cursor: null, complete: false });
  expect(state.isOver).toBe(true);
});

test("a step that can't be used stops them too, and the failure comes through", async () => {
  const { state, steps } = three();
  const failing = eachStep(steps, () => {
    throw new Error("It needs another field.");
  });
  await expect(failing.next()).rejects.toThrow("It needs another field.");
  expect(state.isOver).toBe(true);
});

test("steps of which nothing is made are passed over, and the end is the end of the others", async () => {
  const { steps } = three();
  const odd = eachStep(steps, (step) => (step.position === 2 ? [] : [step]));
  expect(await odd.next()).toMatchObject({ done: false, value: { position: 1 } });
  expect(await odd.next()).toMatchObject({ done: false, value: { position: 3 } });
  expect(await odd.next()).toEqual({ done: true, value: { cursor: "kept", complete: true } });
});
