import { Command, Option } from "@commander-js/extra-typings";

import { connectionNamed } from "#cli/connection-named";
import type { Session } from "#cli/session";
import { WrongUsage } from "#cli/stopped";
import { wholeNumber } from "./number-option.ts";

/** Fits a terminal. */
const USUAL_LIMIT = 20;
/** The most that the API gives at once. */
const MOST = 1_000;

/** `sluice entities` */
export function entitiesCommand(session: Session) {
  return new Command("entities")
    .summary("read the copy")
    .description(
      "Shows entities of a connection's copy, ordered by stream and id. --ndjson gives all of them, one a line.",
    )
    .argument("<connection>", "its name or id")
    .option("--stream <name>", "only this stream")
    .option("--id <id>", "one entity of the stream")
    .addOption(new Option("--limit <number>", "how many").argParser(wholeNumber(1, MOST)).default(USUAL_LIMIT))
    .option("--cursor <cursor>", "go on from here: the next_cursor of the page before")
    .option("--ndjson", "the whole copy, or the stream, as JSON, an entity a line")
    .addHelpText(
      "after",
      `
Examples:
  $ sluice entities Shop --stream orders
  $ sluice entities Shop --stream orders --id 42
  $ sluice entities Shop --ndjson > shop.ndjson
  $ sluice entities Shop --ndjson | jq -r 'select(.stream == "orders") | .data.total'`,
    )
    .action(async (reference, { stream, id: entityId, limit, cursor, ndjson }) => {
      const { out } = session;
      const client = session.client();
      const id = await connectionNamed(client, reference);
      if (entityId !== undefined) {
        if (stream === undefined) throw new WrongUsage("--id needs --stream: an id belongs to its stream.");
        const entity = await client.copy.entity(id, stream, entityId);
        return out.result(entity, JSON.stringify(entity, null, 2));
      }
      if (ndjson === true) {
        if (cursor !== undefined) throw new WrongUsage("--ndjson gives the whole copy: --cursor doesn't go with it.");
        return out.stream(await client.copy.export(id, stream));
      }
      const page = await client.copy.entities(id, { stream, limit, cursor });
      await out.list(
        page,
        page.entities,
        [
          { title: "STREAM", value: (entity) => entity.stream },
          { title: "ID", value: (entity) => entity.id },
          { title: "MODIFIED", value: (entity) => entity.last_modified_at },
          { title: "DATA", value: (entity) => JSON.stringify(entity.data) },
        ],
        "The copy is empty. `sluice run` fills it.",
      );
      if (page.next_cursor !== null)
        out.note(`There is more: --cursor ${page.next_cursor}, or all of it with --ndjson.`);
    });
}
