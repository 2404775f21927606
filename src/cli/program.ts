import { readFileSync } from "node:fs";
import { URL, fileURLToPath } from "node:url";

import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { z } from "zod";

import { nearestName } from "#sources/manifest/nearest-name";
import type { Environment } from "./access.ts";
import { cancelCommand } from "./commands/cancel.ts";
import { changesCommand } from "./commands/changes.ts";
import { completionCommand } from "./commands/completion.ts";
import { connectionsCommand } from "./commands/connections.ts";
import { entitiesCommand } from "./commands/entities.ts";
import { jobsCommand } from "./commands/jobs.ts";
import { keysCommand } from "./commands/keys.ts";
import { loginCommand } from "./commands/login.ts";
import { logoutCommand } from "./commands/logout.ts";
import { manifestCommand } from "./commands/manifest.ts";
import { openCommand } from "./commands/open.ts";
import { runCommand } from "./commands/run.ts";
import { sourcesCommand } from "./commands/sources.ts";
import { webhooksCommand } from "./commands/webhooks.ts";
import { EXIT_CODES_EXPLAINED } from "./exit-code.ts";
import { type GlobalOptions, Session } from "./session.ts";

const PACKAGE = fileURLToPath(new URL("../../package.json", import.meta.url));
const packageSchema = z.object({ version: z.string() });

/**
 * The `sluice` command with all that it can do, and what its commands are run in. What is wrong with arguments it throws
 * and doesn't print.
 */
export function createProgram(env: Environment) {
  const program = new Command("sluice")
    .description("Sluice keeps exact copies of your sources, and says what changed.")
    .option("--json", "print what the server answered, as JSON")
    .version(
      packageSchema.parse(JSON.parse(readFileSync(PACKAGE, "utf8"))).version,
      "-V, --version",
      "print the version",
    )
    .option("--url <address>", "which Sluice, instead of the one of `login` or SLUICE_URL")
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .addHelpText(
      "after",
      `
Examples:
  $ sluice login
  $ sluice connections create couchdb
  $ sluice run Shop --watch
  $ sluice changes Shop --follow

Environment: SLUICE_URL and SLUICE_API_KEY win over what \`login\` keeps, in SLUICE_CONFIG if that is set.
Into a pipe, lists are lines with tabs between their cells.

${EXIT_CODES_EXPLAINED}`,
    );
  const options = (): GlobalOptions => program.opts();
  const session = new Session(env, options);
  for (const command of [
    loginCommand(session),
    logoutCommand(session),
    sourcesCommand(session),
    connectionsCommand(session),
    runCommand(session),
    jobsCommand(session),
    cancelCommand(session),
    entitiesCommand(session),
    changesCommand(session),
    manifestCommand(session),
    webhooksCommand(session),
    keysCommand(session),
    openCommand(session),
    completionCommand(session),
  ]) {
    program.addCommand(command);
  }
  inherit(program);
  return { program, session };
}

/** A command that was made by itself knows nothing of how its parent shows help and errors. */
function inherit(parent: CommandUnknownOpts): void {
  parent.hook("preSubcommand", refuseStranger);
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent);
    inherit(command);
  }
}

/** What is no command is given to the default one; if that takes nothing, a command was misspelt. */
function refuseStranger(parent: CommandUnknownOpts, chosen: CommandUnknownOpts): void {
  const [word] = parent.args;
  if (word === undefined || word.startsWith("-") || chosen.registeredArguments.length > 0) return;
  if (word === chosen.name() || chosen.aliases().includes(word)) return;
  const known = parent.commands.map((command) => command.name());
  const meant = nearestName(word, known);
  const hint = meant === null ? `There are ${known.join(", ")}.` : `(Did you mean ${meant}?)`;
  parent.error(`error: unknown command '${word}'\n${hint}`, { code: "commander.unknownCommand" });
}
