import { Command } from "@commander-js/extra-typings";

import type { Session } from "#cli/session";
import { oneLine } from "#cli/terminal-text";
import { wholeNumber } from "./number-option.ts";

const MOST_DAYS = 3_650;

/** `sluice keys` */
export function keysCommand(session: Session) {
  const list = new Command("list").summary("list API keys, newest first (the default)").action(async () => {
    const keys = await session.client().keys.list();
    await session.out.list(
      keys,
      keys,
      [
        { title: "ID", value: ({ id }) => id },
        { title: "BEGINS", value: ({ prefix }) => prefix },
        { title: "CREATED", value: (key) => key.created_at },
        { title: "EXPIRES", value: (key) => key.expires_at ?? "never" },
        { title: "NAME", value: ({ name }) => name },
      ],
      "There are no keys besides the root key. `sluice keys create` makes one.",
    );
  });
  const create = new Command("create")
    .summary("make an API key, and show it this once")
    .argument("<name>", "what it is for")
    .option("--days <number>", "how long it works (default: for ever)", wholeNumber(1, MOST_DAYS))
    .action(async (name, { days }) => {
      const { out } = session;
      const key = await session.client().keys.create(name, days);
      await out.result(key, key.key ?? "");
      if (out.isTerminal) out.note("Keep it: it is shown this once.");
    });
  const remove = new Command("delete")
    .summary("revoke an API key")
    .argument("<id>")
    .action(async (id) => {
      const key = await session.client().keys.remove(id);
      await session.out.result(key, `Revoked "${oneLine(key.name)}" (${key.id}).`);
    });
  return new Command("keys")
    .summary("API keys of your organization")
    .addHelpText(
      "after",
      `
Examples:
  $ sluice keys
  $ sluice keys create "Nightly export" --days 90 > key.txt
  $ sluice keys delete ID`,
    )
    .addCommand(list, { isDefault: true })
    .addCommand(create)
    .addCommand(remove);
}
