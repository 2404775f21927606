import { CommanderError } from "commander";

import { complete } from "./complete.ts";
import { dynamicCandidates } from "./completion-values.ts";
import { EXIT, exitCodeOf } from "./exit-code.ts";
import { createProgram } from "./program.ts";
import { Refused, Unreachable } from "./refused.ts";
import { Interrupted, NotFound, NotLoggedIn, WrongUsage } from "./stopped.ts";
import { CannotStart } from "./cannot-start.ts";
import { manyLines, oneLine } from "./terminal-text.ts";

/** `sluice`, with the arguments after its name. Resolves with the exit code. */
async function sluice(args: readonly string[]): Promise<number> {
  const isJson = args.includes("--json");
  const { program, session } = createProgram(process.env);
  // Not one of the commands: its arguments are those of another command, and must not be read as its own.
  if (args[0] === "complete") {
    const words = args.slice(args[1] === "--" ? 2 : 1);
    const { candidates, argument } = complete(program, words);
    const known = await dynamicCandidates(session, argument, words.at(-1) ?? "");
    for (const { value, note } of [...candidates, ...known]) console.log(`${value}\t${oneLine(note)}`);
    return EXIT.done;
  }
  try {
    await program.parseAsync([...args], { from: "user" });
    return session.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.done;
      // Which command, is asked by the help.
      const message = error.code === "commander.help" ? "" : error.message.replace(/^error: /, "");
      if (isJson) console.error(JSON.stringify({ error: message || "Give a command.", exit_code: EXIT.usage }));
      else if (message !== "") console.error(message);
      return EXIT.usage;
    }
    const exitCode = exitCodeOf(error);
    if (!isExpected(error)) console.error(error);
    else if (isJson) console.error(JSON.stringify({ error: messageOf(error), ...placeOf(error), exit_code: exitCode }));
    else console.error(manyLines(messageOf(error)));
    return exitCode;
  }
}

/** Anything else is a fault of ours, and shows its stack. */
function isExpected(error: unknown): error is Error {
  return [Refused, Unreachable, NotLoggedIn, NotFound, WrongUsage, Interrupted, CannotStart].some(
    (kind) => error instanceof kind,
  );
}

function messageOf(error: Error): string {
  if (!(error instanceof Refused)) return error.message;
  if (error.status === 401 || error.status === 403) return `${error.detail}\nRun \`sluice login\` with another key.`;
  return error.job === null ? error.detail : `${error.detail}\nThe job: ${error.job.id} ${error.job.status}`;
}

function placeOf(error: Error): object {
  if (!(error instanceof Refused)) return {};
  return { status: error.status, ...(error.job === null ? {} : { job: error.job }) };
}

// Who reads the output may have read enough: `sluice entities … | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(EXIT.done);
  console.error(`The output can't be written: ${error.message}`);
  process.exit(EXIT.fault);
});
process.exitCode = await sluice(process.argv.slice(2));
