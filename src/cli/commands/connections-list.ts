import { Command } from "@commander-js/extra-typings";

import type { ConnectionItem } from "#cli/api-answers";
import { statusText } from "#cli/connection-status";
import { count } from "#cli/progress-bar";
import type { Session } from "#cli/session";

/** `sluice connections list` */
export function connectionsListCommand(session: Session) {
  return new Command("list")
    .summary("list source connections, newest first (the default)")
    .option("--collection <id>", "only those of this collection")
    .action(async ({ collection }) => {
      const { out } = session;
      const connections = await session.client().connections.list({ collection });
      await out.list(
        connections,
        connections,
        [
          { title: "ID", value: ({ id }) => id },
          { title: "STATUS", value: statusText, paint: (text, row) => out.paint(colourOf(row), text) },
          { title: "ENTITIES", value: (row) => numberText(row.entity_count, out.isTerminal), isNumber: true },
          { title: "SOURCE", value: ({ short_name: source }) => source },
          { title: "NAME", value: ({ name }) => name },
        ],
        "There are no connections yet. `sluice connections create` makes one.",
      );
    });
}

/** With commas only for people. */
function numberText(number: number, isTerminal: boolean): string {
  return isTerminal ? count(number) : String(number);
}

function colourOf({ status }: ConnectionItem): "green" | "red" | "cyan" {
  if (status === "syncing") return "cyan";
  return status === "active" ? "green" : "red";
}
