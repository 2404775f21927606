import { Command } from "@commander-js/extra-typings";

import type { Field, Source } from "#cli/api-answers";
import { isNeeded } from "#cli/field-form";
import type { Session } from "#cli/session";
import { manyLines, oneLine } from "#cli/terminal-text";

/** `sluice sources` */
export function sourcesCommand(session: Session) {
  const list = new Command("list")
    .summary("list the kinds of sources that can be connected (the default)")
    .option("--search <words>", "only those with these words in their name, description or labels")
    .action(async ({ search }) => {
      const sources = (await session.client().sources.list()).filter((source) => matches(source, search ?? ""));
      await session.out.list(
        sources,
        sources,
        [
          { title: "SOURCE", value: (source) => source.short_name },
          { title: "NAME", value: (source) => source.name },
          { title: "DESCRIPTION", value: (source) => source.description ?? "" },
        ],
        search === undefined ? "There are no sources." : `No source is about "${search}".`,
      );
    });
  const get = new Command("get")
    .summary("show one source, and the fields that it wants")
    .argument("<source>", "its short name")
    .action(async (shortName) => {
      const source = await session.client().sources.get(shortName);
      await session.out.result(source, describe(source));
    });
  const remove = new Command("delete")
    .summary("delete a custom source that no connection uses")
    .argument("<source>", "its short name")
    .action(async (shortName) => {
      const source = await session.client().sources.remove(shortName);
      await session.out.result(source, `Deleted ${source.short_name}.`);
    });
  return new Command("sources")
    .summary("what can be connected")
    .description("The kinds of sources that can be connected, your own included.")
    .addHelpText(
      "after",
      `
Examples:
  $ sluice sources
  $ sluice sources list --search crm
  $ sluice sources get couchdb
  $ sluice sources --json | jq -r '.[].short_name'`,
    )
    .addCommand(list, { isDefault: true })
    .addCommand(get)
    .addCommand(remove);
}

function matches({ name, short_name, description, labels }: Source, words: string): boolean {
  const all = [name, short_name, description ?? "", ...(labels ?? [])].join(" ").toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

function describe(source: Source): string {
  const version = source.version === null ? "" : `, version ${source.version}`;
  const lines = [`${oneLine(source.name)} (${source.short_name}${source.is_custom ? `, yours${version}` : ""})`];
  if (source.description !== null) lines.push(manyLines(source.description));
  lines.push("", "Config:", ...describeFields(source.config_fields.fields));
  lines.push("", "Credentials:", ...describeFields(source.auth_fields?.fields ?? []));
  if (source.streams !== null) {
    const names = source.streams.map(({ name, supported }) => (supported ? name : `${name} (can't run here)`));
    lines.push("", `Streams: ${names.map(oneLine).join(", ")}`);
  }
  lines.push("", `Next: sluice connections create ${source.short_name}`);
  return lines.join("\n");
}

function describeFields(fields: readonly Field[]): string[] {
  if (fields.length === 0) return ["  none"];
  return fields.map((field) => {
    const type = field.items_type === null ? field.type : `${field.type} of ${field.items_type}`;
    const kind = `${type}${isNeeded(field, fields) ? ", required" : ""}`;
    const values = field.enum_values === null ? "" : ` One of: ${field.enum_values.join(", ")}.`;
    return oneLine(`  ${field.name} (${kind})  ${field.description ?? field.title}${values}`);
  });
}
