import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { CannotStart } from "#cli/cannot-start";
import { NoAnswer, startAgain } from "#cli/start-again";

const said: unknown[] = [];
beforeEach(() => void vi.spyOn(console, "error").mockImplementation((text) => void said.push(text)));
afterEach(() => {
  vi.restoreAllMocks();
  said.length = 0;
});

/** Starts what fails in these ways, one after the other, and then answers. */
function failing(...errors: Error[]) {
  const patiences: number[] = [];
  const start = async (patienceMs: number) => {
    patiences.push(patienceMs);
    const error = errors.shift();
    if (error !== undefined) throw error;
    return "runs";
  };
  return { patiences, start };
}

test("what does not answer is started once more, with more patience, and that is said", async () => {
  const { patiences, start } = failing(new NoAnswer("Nothing within 1 s."));
  expect(await startAgain([1, 2], start)).toBe("runs");
  expect(patiences).toEqual([1, 2]);
  expect(said).toEqual(["Nothing within 1 s.\n\nIt is started once more."]);
});

test("what never answers is given up after the last patience", async () => {
  const { patiences, start } = failing(new NoAnswer("Nothing within 1 s."), new NoAnswer("Nothing within 2 s."));
  await expect(startAgain([1, 2], start)).rejects.toThrow("Nothing within 2 s.");
  expect(patiences).toEqual([1, 2]);
});

test("what can't be started is not tried again: it would not help", async () => {
  const { patiences, start } = failing(new CannotStart("The port is taken."));
  await expect(startAgain([1, 2], start)).rejects.toThrow("The port is taken.");
  expect(patiences).toEqual([1]);
});
