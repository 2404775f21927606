import { Command } from "@commander-js/extra-typings";

import type { Connection, Field, Source } from "#cli/api-answers";
import type { NewConnection } from "#cli/api/connections";
import type { ApiClient } from "#cli/api-client";
import { askChoice, askYes } from "#cli/ask";
import { askableFields, fillIn, isNeeded } from "#cli/field-form";
import { valueAt } from "#cli/field-path";
import { Refused } from "#cli/refused";
import type { Session } from "#cli/session";
import { WrongUsage } from "#cli/stopped";
import { manyLines, oneLine } from "#cli/terminal-text";
import { withTypedFields } from "#cli/typed-fields";
import type { JsonObject } from "#core/json";
import { describeConnection } from "./connections-get.ts";
import { followJob, printJob } from "./job-result.ts";
import { jsonObjectIn, readJsonObject } from "./json-file.ts";
import { collect } from "./number-option.ts";
import { scheduleIn } from "./schedule-options.ts";

/** What a source is opened with. */
interface Input {
  readonly config: JsonObject;
  readonly credentials: JsonObject;
}

/** `sluice connections create` */
export function connectionsCreateCommand(session: Session) {
  return new Command("create")
    .summary("connect a source and run its first sync")
    .description(
      "Asks for what the source needs and was not given, checks it against the source, and runs the first sync.\nWhere nobody can be asked, all of it has to be given.",
    )
    .argument("[source]", "short name of the source; `sluice sources` lists them")
    .option("--name <name>", "name of the connection (default: the source's)")
    .option("--collection <id>", "collection that it belongs to")
    .option("-c, --config <field=value>", "a field of the config; can be given more than once", collect)
    .option("--config-file <file>", "the config as a JSON object; - for the standard input")
    .option(
      "--credentials-file <file>",
      "the credentials as a JSON object; - for the standard input. Or set SLUICE_CREDENTIALS to the JSON itself",
    )
    .option("--cron <expression>", "when it syncs by itself")
    .option("--timezone <zone>", "what the cron expressions are in")
    .option("--full-sync-cron <expression>", "when it reads everything")
    .option("--no-schedule", "it never syncs by itself")
    .option("--no-run", "don't run the first sync")
    .option("--no-wait", "start the first sync, and don't wait for its end")
    .addHelpText(
      "after",
      `
Examples:
  $ sluice connections create                      asks for everything
  $ sluice connections create github --name "Our issues"
  $ sluice connections create couchdb -c url=https://couch.example.com -c databases=orders,people \\
      --credentials-file couch.json --cron "0 6 * * *"`,
    )
    .action(async (shortName, options) => {
      const client = session.client();
      const schedule = scheduleIn(options);
      const source = await client.sources.get(shortName ?? (await askSource(session, client)));
      const fields = source.config_fields.fields;
      const base = options.configFile === undefined ? {} : await readJsonObject(options.configFile);
      const given = {
        config: withTypedFields(base, fields, options.config ?? []),
        credentials: await givenCredentials(session, options.credentialsFile),
      };
      const start = {
        name: options.name,
        short_name: source.short_name,
        readable_collection_id: options.collection,
        sync_immediately: false,
        ...(schedule === undefined ? {} : { schedule: { ...schedule } }),
        ...(schedule === null ? { schedule } : {}),
      };
      const connection = await connect(session, client, source, start, given);
      session.out.note(session.out.paint("green", `Connected "${oneLine(connection.name)}" (${connection.id}).`));
      if (!options.run) return session.out.result(connection, describeConnection(connection));
      const job = await client.jobs.run(connection.id);
      if (!options.wait) {
        return session.out.result(await client.connections.get(connection.id), `${connection.id}\t${job.id}`);
      }
      const finished = await followJob(session, client, job, { connection, isWatched: true });
      // What was made is the connection; its job is in it.
      return session.out.isJson
        ? session.out.result(await client.connections.get(connection.id), "")
        : printJob(session, finished);
    });
}

/** Where a person can be asked, what the source refuses can be entered again. */
async function connect(
  session: Session,
  client: ApiClient,
  source: Source,
  start: Omit<NewConnection, "config" | "credentials">,
  given: Input,
): Promise<Connection> {
  let before = given;
  for (;;) {
    const { config, credentials } = session.isInteractive ? await ask(source, given, before) : complete(source, given);
    try {
      const isWithout = Object.keys(credentials).length === 0;
      return await client.connections.create({ ...start, config, credentials: isWithout ? null : credentials });
    } catch (error) {
      const canMend = error instanceof Refused && MENDABLE.has(error.status);
      if (!canMend || !session.isInteractive) throw error;
      session.out.note(session.out.paint("red", manyLines(error.detail)));
      if (!(await askYes("Enter it again?", true))) throw error;
      before = { config, credentials: {} };
    }
  }
}

/** Of refusals: the source is not there as told, or refuses the credentials; the input is invalid. */
const MENDABLE: ReadonlySet<number> = new Set([400, 422, 502]);

/** `before` is what was entered the last time. */
async function ask(source: Source, { config, credentials }: Input, before: Input): Promise<Input> {
  const filled = await fillIn(source.config_fields.fields, config, "settings", before.config);
  const isGiven = Object.keys(credentials).length > 0;
  return {
    config: filled,
    credentials: isGiven ? credentials : await fillIn(source.auth_fields?.fields ?? [], {}, "credentials"),
  };
}

/** Throws WrongUsage naming all that is missing. */
function complete(source: Source, given: Input): Input {
  const config = missingIn(source.config_fields.fields, given.config);
  const credentials = missingIn(source.auth_fields?.fields ?? [], given.credentials);
  const problems = [
    config.length === 0 ? "" : `The config lacks ${config.join(", ")}: give -c NAME=VALUE.`,
    credentials.length === 0
      ? ""
      : `The credentials lack ${credentials.join(", ")}: give --credentials-file FILE, or set SLUICE_CREDENTIALS.`,
  ].filter((problem) => problem !== "");
  if (problems.length > 0) throw new WrongUsage(problems.join("\n"));
  return given;
}

function missingIn(fields: readonly Field[], object: JsonObject): string[] {
  const needed = askableFields(fields).filter((field) => isNeeded(field, fields));
  return needed.flatMap(({ name }) => (valueAt(object, name) === undefined ? [name] : []));
}

async function givenCredentials({ env }: Session, file: string | undefined): Promise<JsonObject> {
  if (file !== undefined) return readJsonObject(file);
  const text = env["SLUICE_CREDENTIALS"];
  return text ? jsonObjectIn(text, "SLUICE_CREDENTIALS") : {};
}

async function askSource(session: Session, client: ApiClient): Promise<string> {
  if (!session.isInteractive) throw new WrongUsage("Which source? `sluice sources` lists them.");
  const sources = await client.sources.list();
  const options = sources.map(({ short_name: value, name, description }) => ({
    value,
    label: oneLine(name),
    hint: oneLine(description ?? ""),
  }));
  return askChoice("What do you want to connect?", options);
}
