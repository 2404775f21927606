import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

import { CannotStart } from "./cannot-start.ts";

/** How a command ends: with an exit code, or by staying up until it is interrupted. */
export type Ending = number | "stay";

/** Registers what has to be undone when the command ends, however it ends. The last registered goes first. */
export type OnEnd = (undo: () => unknown) => void;

const EXIT_INTERRUPTED = 130;

/**
 * Runs a command to its end and exits the process.
 *
 * An interrupt (Ctrl-C, a closed terminal) undoes what was started, then exits. What the person can mend is one clear
 * message; anything else is a fault of ours and shows its stack.
 */
export async function runCommand(main: (onEnd: OnEnd) => Promise<Ending>): Promise<void> {
  const undos: (() => unknown)[] = [];
  let exitCodeWhenInterrupted = EXIT_INTERRUPTED;
  let ending = false;

  const end = async (exitCode: number): Promise<void> => {
    // npm passes on an interrupt that the terminal has already sent to us: it arrives twice.
    if (ending) return;
    ending = true;
    for (const undo of undos.toReversed()) await undo();
    await Promise.all([written(process.stdout), written(process.stderr)]);
    process.exit(exitCode);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => void end(exitCodeWhenInterrupted).catch(fail));
  }
  try {
    const result = await main((undo) => undos.push(undo));
    if (result === "stay") exitCodeWhenInterrupted = 0;
    else await end(result);
  } catch (error) {
    // What was interrupted fails in its own way. That is not news.
    if (ending) return;
    console.error(error instanceof CannotStart ? `\n${error.message}\n` : error);
    await end(1);
  }
}

/** Reads the options of a command. Throws CannotStart, with `usage`, for any that it does not have. */
export function readOptions<Options extends ParseArgsOptionsConfig>(options: Options, usage: string) {
  try {
    return parseArgs({ options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new CannotStart(`${error instanceof Error ? error.message : String(error)}\n\nUsage: ${usage}`);
  }
}

/** An exit throws away what a slow reader of a pipe has not taken yet. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}

function fail(error: unknown): never {
  console.error(error);
  process.exit(1);
}
