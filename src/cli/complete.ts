import type { CommandUnknownOpts } from "@commander-js/extra-typings";

export interface Candidate {
  readonly value: string;
  readonly note: string;
}

/** What could come next on a command line: words that are known, and the argument that only a server knows values of. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  /** `connection` or `source`, as the argument is named; null where nothing or something else is expected. */
  readonly argument: string | null;
}

/**
 * What could come next, by the commands themselves. The last of `words` is the one that is being typed, perhaps still
 * empty.
 */
export function complete(program: CommandUnknownOpts, words: readonly string[]): Completion {
  const typed = words.at(-1) ?? "";
  const { command, position, awaiting } = walk(program, words.slice(0, -1));
  const begins = ({ value }: Candidate) => value.startsWith(typed);
  if (awaiting !== null) {
    return { candidates: awaiting.map((value) => ({ value, note: "" })).filter(begins), argument: null };
  }
  if (typed.startsWith("-")) return { candidates: optionsOf(command, program).filter(begins), argument: null };
  const argument =
    command.registeredArguments[position] ?? command.registeredArguments.findLast((last) => last.variadic);
  const choices = (argument?.argChoices ?? []).map((value) => ({ value, note: "" }));
  const subcommands = position > 0 ? [] : visible(command);
  return { candidates: [...subcommands, ...choices].filter(begins), argument: argument?.name() ?? null };
}

interface Place {
  readonly command: CommandUnknownOpts;
  /** How many arguments of the command are there already. */
  readonly position: number;
  /** Values of the option that waits for one; null where none does. */
  readonly awaiting: readonly string[] | null;
}

function walk(program: CommandUnknownOpts, words: readonly string[]): Place {
  let command = program;
  let position = 0;
  let awaiting: readonly string[] | null = null;
  for (const word of words) {
    if (awaiting !== null) {
      awaiting = null;
      continue;
    }
    if (word.startsWith("-")) {
      const option = [...command.options, ...program.options].find((each) => each.long === word || each.short === word);
      awaiting = option !== undefined && option.required ? (option.argChoices ?? []) : null;
      continue;
    }
    const next = position > 0 ? undefined : command.commands.find((each) => each.name() === word);
    if (next === undefined) position += 1;
    else command = next;
  }
  return { command, position, awaiting };
}

function optionsOf(command: CommandUnknownOpts, program: CommandUnknownOpts): Candidate[] {
  const own = command.createHelp().visibleOptions(command);
  const all = command === program ? own : [...own, ...program.options];
  return all.flatMap(({ long, description }) =>
    long === undefined || long === null ? [] : [{ value: long, note: description }],
  );
}

function visible(command: CommandUnknownOpts): Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((each) => ({ value: each.name(), note: each.summary() || each.description() }));
}
