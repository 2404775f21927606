import { Command } from "@commander-js/extra-typings";

import type { Session } from "#cli/session";
import { connectionsCreateCommand } from "./connections-create.ts";
import { connectionsDeleteCommand } from "./connections-delete.ts";
import { connectionsGetCommand } from "./connections-get.ts";
import { connectionsListCommand } from "./connections-list.ts";
import { connectionsUpdateCommand } from "./connections-update.ts";

/** `sluice connections` */
export function connectionsCommand(session: Session) {
  return new Command("connections")
    .summary("your source connections: list, create, get, update, delete")
    .description("Source connections. Wherever one is asked for, its name does, its id, or the beginning of its id.")
    .addHelpText(
      "after",
      `
Examples:
  $ sluice connections
  $ sluice connections create couchdb
  $ sluice connections get Shop
  $ sluice connections update Shop --cron "0 6 * * *" --timezone Europe/Berlin`,
    )
    .addCommand(connectionsListCommand(session), { isDefault: true })
    .addCommand(connectionsCreateCommand(session))
    .addCommand(connectionsGetCommand(session))
    .addCommand(connectionsUpdateCommand(session))
    .addCommand(connectionsDeleteCommand(session));
}
