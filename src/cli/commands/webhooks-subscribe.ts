import { Command, Option } from "@commander-js/extra-typings";

import { askChoices } from "#cli/ask";
import type { Session } from "#cli/session";
import { WrongUsage } from "#cli/stopped";
import { EVENT_TYPES } from "#core/event";
import { collect } from "./number-option.ts";
import { describeSubscription } from "./subscription-report.ts";

const EVENT_OPTION = "-e, --event <type>";
const EVENT_HELP = 'what to be told: an event type, "sync.*", or "*"; repeatable';

/** `sluice webhooks create` */
export function webhooksCreateCommand(session: Session) {
  return new Command("create")
    .summary("subscribe an address to events")
    .argument("<address>", "where deliveries go; something has to answer there")
    .option(EVENT_OPTION, EVENT_HELP, collect)
    .action(async (url, { event }) => {
      const client = session.client();
      const types = event === undefined ? await askTypes(session) : eventTypes(event);
      const subscription = await client.subscriptions.create({ url, event_types: types });
      await session.out.result(subscription, describeSubscription(subscription));
    });
}

/** `sluice webhooks update` */
export function webhooksUpdateCommand(session: Session) {
  return new Command("update")
    .summary("change, disable or enable a subscription")
    .argument("<id>")
    .option("--address <address>", "where deliveries go")
    .option(EVENT_OPTION, EVENT_HELP, collect)
    .addOption(new Option("--disable", "deliver nothing until it is enabled").conflicts("enable"))
    .addOption(new Option("--enable", "deliver again").conflicts("disable"))
    .option("--recover-since <time>", "with --enable: deliver what was missed since then (ISO 8601)")
    .action(async (id, { address, event, disable, enable, recoverSince }) => {
      const patch = {
        ...(address === undefined ? {} : { url: address }),
        ...(event === undefined ? {} : { event_types: eventTypes(event) }),
        ...(disable === true ? { disabled: true } : {}),
        ...(enable === true ? { disabled: false } : {}),
        ...(recoverSince === undefined ? {} : { recover_since: recoverSince }),
      };
      if (Object.keys(patch).length === 0) throw new WrongUsage("Say what to change: `sluice webhooks update --help`.");
      const subscription = await session.client().subscriptions.update(id, patch);
      await session.out.result(subscription, describeSubscription(subscription));
    });
}

async function askTypes(session: Session): Promise<string[]> {
  if (!session.isInteractive) throw new WrongUsage('Which events? Give --event TYPE, --event "sync.*" or --event "*".');
  return askChoices(
    "What do you want to be told?",
    EVENT_TYPES.map((value) => ({ value })),
  );
}

/** The event types that patterns such as `sync.*` stand for. Throws WrongUsage for one that stands for none. */
export function eventTypes(patterns: readonly string[]): string[] {
  const chosen = patterns.flatMap((pattern) => {
    const found = EVENT_TYPES.filter((type) =>
      pattern.endsWith("*") ? type.startsWith(pattern.slice(0, -1)) : type === pattern,
    );
    if (found.length > 0) return found;
    throw new WrongUsage(`There is no event "${pattern}". There are: ${EVENT_TYPES.join(", ")}.`);
  });
  return [...new Set(chosen)];
}
