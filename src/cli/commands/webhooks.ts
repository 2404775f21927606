import { Command } from "@commander-js/extra-typings";

import type { Session } from "#cli/session";
import { oneLine } from "#cli/terminal-text";
import { wholeNumber } from "./number-option.ts";
import { describeSubscription, healthOf } from "./subscription-report.ts";
import { webhooksInboundCommand } from "./webhooks-inbound.ts";
import { webhooksCreateCommand, webhooksUpdateCommand } from "./webhooks-subscribe.ts";

const USUAL_MESSAGES = 20;
const MOST_MESSAGES = 1_000;

/** `sluice webhooks` */
export function webhooksCommand(session: Session) {
  return new Command("webhooks")
    .summary("who is told what happens, and what others tell Sluice")
    .description("Subscriptions: addresses that Sluice tells what happens. Inbound: a connection's own address.")
    .addHelpText(
      "after",
      `
Examples:
  $ sluice webhooks create https://hooks.example.com/sluice --event "sync.*"
  $ sluice webhooks recover ID --since 2026-11-01T00:00:00Z
  $ sluice webhooks inbound create Shop --scheme github --secret-file secret.txt`,
    )
    .addCommand(listCommand(session), { isDefault: true })
    .addCommand(getCommand(session))
    .addCommand(webhooksCreateCommand(session))
    .addCommand(webhooksUpdateCommand(session))
    .addCommand(deleteCommand(session))
    .addCommand(recoverCommand(session))
    .addCommand(rotateSecretCommand(session))
    .addCommand(messagesCommand(session))
    .addCommand(webhooksInboundCommand(session));
}

function listCommand(session: Session) {
  return new Command("list").summary("list subscriptions (the default)").action(async () => {
    const subscriptions = await session.client().subscriptions.list();
    await session.out.list(
      subscriptions,
      subscriptions,
      [
        { title: "ID", value: ({ id }) => id },
        { title: "HEALTH", value: healthOf },
        { title: "EVENTS", value: ({ filter_types: types }) => types?.join(",") ?? "all" },
        { title: "URL", value: ({ url }) => url },
      ],
      "Nobody is subscribed. `sluice webhooks create` subscribes an address.",
    );
  });
}

function getCommand(session: Session) {
  return new Command("get")
    .summary("show a subscription and its newest deliveries")
    .argument("<id>")
    .option("--secret", "show the signing secret")
    .action(async (id, { secret }) => {
      const subscription = await session.client().subscriptions.get(id, secret === true);
      await session.out.result(subscription, describeSubscription(subscription));
    });
}

function deleteCommand(session: Session) {
  return new Command("delete")
    .summary("delete a subscription")
    .argument("<id>")
    .action(async (id) => {
      const subscription = await session.client().subscriptions.remove(id);
      await session.out.result(subscription, `Deleted ${subscription.id} (${oneLine(subscription.url)}).`);
    });
}

function recoverCommand(session: Session) {
  return new Command("recover")
    .summary("deliver again what was not delivered")
    .argument("<id>")
    .requiredOption("--since <time>", "ISO 8601, such as 2026-11-01T00:00:00Z")
    .option("--until <time>", "ISO 8601")
    .action(async (id, { since, until }) => {
      const recovery = await session.client().subscriptions.recover(id, { since, until });
      await session.out.result(recovery, `${recovery.messages} messages will be delivered again.`);
    });
}

function rotateSecretCommand(session: Session) {
  return new Command("rotate-secret")
    .summary("replace the signing secret, and show the new one")
    .argument("<id>")
    .action(async (id) => {
      const client = session.client();
      await client.subscriptions.rotateSecret(id);
      const subscription = await client.subscriptions.get(id, true);
      await session.out.result(subscription, describeSubscription(subscription));
    });
}

function messagesCommand(session: Session) {
  return new Command("messages")
    .summary("list what happened, newest first")
    .option("--limit <number>", "how many", wholeNumber(1, MOST_MESSAGES), USUAL_MESSAGES)
    .action(async ({ limit }) => {
      const messages = await session.client().subscriptions.messages(limit);
      await session.out.list(
        messages,
        messages,
        [
          { title: "ID", value: ({ id }) => id },
          { title: "TIME", value: ({ timestamp }) => timestamp },
          { title: "EVENT", value: ({ event_type: type }) => type },
        ],
        "Nothing happened in the last 14 days.",
      );
    });
}
