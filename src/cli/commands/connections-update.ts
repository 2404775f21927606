import { Command, Option } from "@commander-js/extra-typings";

import type { ApiClient } from "#cli/api-client";
import { connectionNamed } from "#cli/connection-named";
import { fillIn } from "#cli/field-form";
import type { Session } from "#cli/session";
import { WrongUsage } from "#cli/stopped";
import { withTypedFields } from "#cli/typed-fields";
import { isJsonObject, type JsonObject } from "#core/json";
import { describeConnection } from "./connections-get.ts";
import { readJsonObject } from "./json-file.ts";
import { collect } from "./number-option.ts";
import { scheduleIn } from "./schedule-options.ts";

/** `sluice connections update` */
export function connectionsUpdateCommand(session: Session) {
  return new Command("update")
    .summary("change a connection")
    .argument("<connection>", "its name or id")
    .option("--name <name>", "a new name")
    .option("--description <text>", "a new description")
    .option("-c, --config <field=value>", "change a field of the config, the others stay; repeatable", collect)
    .option("--config-file <file>", "replace the config as a whole; - for the standard input")
    .option("--credentials", "asks for new credentials")
    .option("--credentials-file <file>", "new credentials as a JSON object; - for the standard input")
    .option("--cron <expression>", "when it syncs by itself")
    .option("--timezone <zone>", "what the cron expressions are in")
    .option("--full-sync-cron <expression>", "when it reads everything")
    .option("--no-schedule", "it never syncs by itself")
    .addOption(new Option("--pause", "neither schedule nor webhook starts a sync").conflicts("resume"))
    .addOption(new Option("--resume", "they do again").conflicts("pause"))
    .addHelpText(
      "after",
      `
Examples:
  $ sluice connections update Shop --cron @daily
  $ sluice connections update Shop -c page_size=500
  $ sluice connections update Shop --credentials
  $ sluice connections update Shop --pause`,
    )
    .action(async (reference, options) => {
      const client = session.client();
      const id = await connectionNamed(client, reference);
      const schedule = scheduleIn(options);
      const config = await newConfig(client, id, options.configFile, options.config ?? []);
      const credentials = await newCredentials(session, client, id, options);
      const patch = {
        ...(options.name === undefined ? {} : { name: options.name }),
        ...(options.description === undefined ? {} : { description: options.description }),
        ...(schedule === undefined ? {} : { schedule }),
        ...(config === undefined ? {} : { config }),
        ...(credentials === undefined ? {} : { authentication: { credentials } }),
        ...(options.pause === true ? { is_paused: true } : {}),
        ...(options.resume === true ? { is_paused: false } : {}),
      };
      if (Object.keys(patch).length === 0)
        throw new WrongUsage("Say what to change: `sluice connections update --help`.");
      const connection = await client.connections.update(id, patch);
      await session.out.result(connection, describeConnection(connection));
    });
}

async function newConfig(
  client: ApiClient,
  id: string,
  file: string | undefined,
  assignments: readonly string[],
): Promise<JsonObject | undefined> {
  if (file !== undefined && assignments.length === 0) return readJsonObject(file);
  if (assignments.length === 0) return undefined;
  const { config, short_name: shortName } = await client.connections.get(id);
  const { config_fields: fields } = await client.sources.get(shortName);
  const before: unknown = file === undefined ? config : await readJsonObject(file);
  return withTypedFields(isJsonObject(before) ? before : {}, fields.fields, assignments);
}

async function newCredentials(
  session: Session,
  client: ApiClient,
  id: string,
  {
    credentials,
    credentialsFile,
  }: { readonly credentials?: true | undefined; readonly credentialsFile?: string | undefined },
): Promise<JsonObject | undefined> {
  if (credentialsFile !== undefined) return readJsonObject(credentialsFile);
  if (credentials !== true) return undefined;
  if (!session.isInteractive) throw new WrongUsage("Nobody can be asked here: give --credentials-file FILE.");
  const { short_name: shortName } = await client.connections.get(id);
  const { auth_fields: fields } = await client.sources.get(shortName);
  return fillIn(fields?.fields ?? [], {}, "credentials");
}
