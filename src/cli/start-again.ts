import { CannotStart } from "./cannot-start.ts";

/** What was started runs, but says nothing. */
export class NoAnswer extends CannotStart {}

/**
 * Starts something that has so long to answer, and once more for each further patience if it did not. Throws the last
 * NoAnswer, and whatever else goes wrong at once.
 */
export async function startAgain<T>(
  patiencesMs: readonly number[],
  start: (patienceMs: number) => Promise<T>,
): Promise<T> {
  const [patienceMs = 0, ...further] = patiencesMs;
  try {
    return await start(patienceMs);
  } catch (error) {
    if (!(error instanceof NoAnswer) || further.length === 0) throw error;
    console.error(`${error.message}\n\nIt is started once more.`);
    return startAgain(further, start);
  }
}
