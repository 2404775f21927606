import { Command } from "@commander-js/extra-typings";

import { askYes } from "#cli/ask";
import { connectionNamed } from "#cli/connection-named";
import { count } from "#cli/progress-bar";
import type { Session } from "#cli/session";
import { WrongUsage } from "#cli/stopped";
import { oneLine } from "#cli/terminal-text";

/** `sluice connections delete` */
export function connectionsDeleteCommand(session: Session) {
  return new Command("delete")
    .summary("delete a connection and its copy")
    .argument("<connection>", "its name or id")
    .option("-y, --yes", "don't ask")
    .action(async (reference, { yes }) => {
      const client = session.client();
      const id = await connectionNamed(client, reference);
      if (yes !== true) {
        if (!session.isInteractive) throw new WrongUsage("Deleting needs --yes where nobody can be asked.");
        const { name, entities } = await client.connections.get(id);
        const sure = await askYes(
          `Delete "${oneLine(name)}" and its ${count(entities?.total_entities ?? 0)} entities?`,
          false,
        );
        if (!sure) return session.out.result({ deleted: false }, "Nothing was deleted.");
      }
      const deleted = await client.connections.remove(id);
      return session.out.result(deleted, `Deleted "${oneLine(deleted.name)}" (${deleted.id}).`);
    });
}
