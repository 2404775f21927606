import { basename } from "node:path";

import { Command } from "@commander-js/extra-typings";

import type { Source } from "#cli/api-answers";
import type { ApiClient } from "#cli/api-client";
import { Refused } from "#cli/refused";
import type { Session } from "#cli/session";
import { oneLine } from "#cli/terminal-text";
import { readTextFile } from "#cli/text-file";
import { wholeNumber } from "./number-option.ts";

const MOST_RECORDS = 1_000_000_000;

/** `sluice manifest`. The engine is loaded only where it is used: it is larger than all the rest. */
export function manifestCommand(session: Session) {
  const check = new Command("check")
    .summary("tell what of low-code manifests can run, without a server")
    .argument("<files...>", "manifests, as YAML or JSON")
    .action(async (files) => {
      const { checkManifests } = await import("#cli/manifest-check");
      session.exitCode = checkManifests(files, { asJson: session.out.isJson });
    });
  const read = new Command("read")
    .summary("try a stream of a manifest, without a server")
    .argument("<file>", "a manifest, as YAML or JSON")
    .requiredOption("-s, --stream <name>", "which stream")
    .requiredOption("-c, --config <file>", "JSON with the config and the credentials")
    .option("--cursor <file>", "JSON with the cursor to go on from")
    .option("--limit <number>", "at most so many records", wholeNumber(1, MOST_RECORDS))
    .option("-q, --quiet", "print records only, no requests")
    .action(async (file, { stream, config, cursor, limit, quiet }) => {
      const { readManifestStream } = await import("#cli/manifest-read");
      session.exitCode = await readManifestStream({
        file,
        stream,
        configFile: config,
        cursorFile: cursor ?? null,
        recordLimit: limit ?? Number.POSITIVE_INFINITY,
        isQuiet: quiet === true,
      });
    });
  const push = new Command("push")
    .summary("register a manifest as a source, or replace the one of that name")
    .argument("<file>", "a manifest, as YAML or JSON")
    .option("--as <short-name>", "short name of the source (default: the file's name)")
    .option("--name <name>", "name for people (default: from the manifest)")
    .action(async (file, { as, name }) => {
      const shortName = as ?? basename(file).replace(/\.(?:ya?ml|json)$/i, "");
      const body = { manifest: readTextFile(file), ...(name === undefined ? {} : { name }) };
      const { source, isNew } = await pushSource(session.client(), shortName, body);
      const { out } = session;
      const broken = (source.streams ?? []).filter(({ supported }) => !supported);
      const lines = [
        `${isNew ? "Registered" : "Replaced"} ${source.short_name}, version ${source.version ?? 1}.`,
        ...broken.map((stream) => `  can't run: ${oneLine(stream.name)}`),
        `Next: sluice connections create ${source.short_name}`,
      ];
      await out.result(source, lines.join("\n"));
    });
  return new Command("manifest")
    .summary("low-code manifests: check, try, register")
    .description("Low-code (declarative) manifests as sources of your own.")
    .addHelpText(
      "after",
      `
Examples:
  $ sluice manifest check our-crm.yaml
  $ sluice manifest read our-crm.yaml --stream contacts --config config.json --limit 5
  $ sluice manifest push our-crm.yaml

check ends with 1 where something in a manifest can't run.`,
    )
    .addCommand(check)
    .addCommand(read)
    .addCommand(push);
}

async function pushSource(
  client: ApiClient,
  shortName: string,
  body: object,
): Promise<{ readonly source: Source; readonly isNew: boolean }> {
  try {
    return { source: await client.sources.replace(shortName, body), isNew: false };
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 404) throw error;
    return { source: await client.sources.create(shortName, body), isNew: true };
  }
}
