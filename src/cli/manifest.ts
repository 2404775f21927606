import { parseArgs } from "node:util";

import { CannotStart } from "./cannot-start.ts";
import { runCommand } from "./command.ts";
import { checkManifests } from "./manifest-check.ts";
import { readManifestStream } from "./manifest-read.ts";

const USAGE = `npm run manifest -- check FILE… [--json]
       npm run manifest -- read FILE --stream NAME --config CONFIG.json [--cursor CURSOR.json] [--limit RECORDS] [--quiet]`;

/** `npm run manifest`: checks low-code manifests and tries their streams, without a server. */
await runCommand(async () => {
  const { positionals, values } = readArguments();
  const [command, ...files] = positionals;
  const [file] = files;
  if (file === undefined) throw new CannotStart(`Which manifest?\n\nUsage: ${USAGE}`);
  switch (command ?? "") {
    case "check":
      return checkManifests(files, { asJson: values.json === true });
    case "read":
      if (values.stream === undefined || values.config === undefined) {
        throw new CannotStart(`A read needs --stream and --config.\n\nUsage: ${USAGE}`);
      }
      return readManifestStream({
        file,
        stream: values.stream,
        configFile: values.config,
        cursorFile: values.cursor ?? null,
        recordLimit: limitOf(values.limit),
        isQuiet: values.quiet === true,
      });
    default:
      throw new CannotStart(`There is no "manifest ${command ?? ""}".\n\nUsage: ${USAGE}`);
  }
});

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        json: { type: "boolean" },
        stream: { type: "string", short: "s" },
        config: { type: "string", short: "c" },
        cursor: { type: "string" },
        limit: { type: "string" },
        quiet: { type: "boolean", short: "q" },
      },
    });
  } catch (error) {
    throw new CannotStart(`${error instanceof Error ? error.message : String(error)}\n\nUsage: ${USAGE}`);
  }
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new CannotStart(`--limit is a number of records, not "${text}".`);
}
