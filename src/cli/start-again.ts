import { CannotStart } from "./cannot-start.ts";

/** What was started runs, but says nothing. */
export class NoAnswer extends CannotStart {}

/**
 * Starts something that has so long to answer, and once more for each further patience if it did not. Throws the last
 * NoAnswer, and whatever else goes wrong at once.
 */
export async function startAgain<T>(
  [patienceMs, ...further]: readonly [number, ...number[]],
  start: (patienceMs: number) => Promise<T>,
): Promise<T> {
  try {
    return await start(patienceMs);
  } catch (error) {
    const [next, ...later] = further;
    if (!(error instanceof NoAnswer) || next === undefined) throw error;
    console.error(`${error.message}\n\nIt is started once more.`);
    return startAgain([next, ...later], start);
  }
}
