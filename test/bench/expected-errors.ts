/** An error that the Worker may print under a load, and why it is none of ours. */
interface ExpectedError {
  readonly says: RegExp;
  readonly because: string;
}

/** None is known. */
const EXPECTED: readonly ExpectedError[] = [];

/** Throws where the Worker printed an error that nobody expected. */
export function expectNoErrors(lines: readonly string[]): void {
  const unexpected = lines.filter((line) => !EXPECTED.some(({ says }) => says.test(line)));
  if (unexpected.length === 0) return;
  const shown = unexpected.slice(0, SHOWN).map((line) => line.slice(0, SHOWN_CHARACTERS));
  throw new Error(`The Worker printed ${unexpected.length} lines of errors:\n${shown.join("\n")}`);
}

const SHOWN = 20;
const SHOWN_CHARACTERS = 400;
