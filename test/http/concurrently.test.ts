import { expect, test } from "vitest";

import { concurrently } from "#http/concurrently";

test("works on a few at a time and answers in order", async () => {
  let [active, most] = [0, 0];
  const doubled = await concurrently([...Array(20).keys()], async (number) => {
    active += 1;
    most = Math.max(most, active);
    // Later items finish earlier.
    for (let turn = number; turn < 20; turn += 1) await Promise.resolve();
    active -= 1;
    return number * 2;
  });
  expect(doubled).toEqual([...Array(20).keys()].map((number) => number * 2));
  expect(most).toBe(6);
});

test("begins nothing more after a failure", async () => {
  const begun: number[] = [];
  const work = concurrently([...Array(100).keys()], async (number) => {
    begun.push(number);
    await Promise.resolve();
    if (number === 2) throw new Error("The third one fails.");
  });
  await expect(work).rejects.toThrow("The third one fails.");
  for (let turn = 0; turn < 1_000; turn += 1) await Promise.resolve();
  expect(begun.length).toBeLessThan(20);
});
