import type { Subscription } from "#cli/api-answers";
import { oneLine } from "#cli/terminal-text";

/** Whether deliveries arrive, in a word. */
export function healthOf({ disabled, health_status: health }: Subscription): string {
  return disabled ? "disabled" : health;
}

/** Of the newest; `--json` has all that the server tells. */
const SHOWN_ATTEMPTS = 10;

/** What a person wants to know of a subscription, a line each. */
export function describeSubscription(subscription: Subscription): string {
  const lines = [
    `Id:      ${subscription.id}`,
    `Url:     ${oneLine(subscription.url)}`,
    `Events:  ${subscription.filter_types?.join(", ") ?? "all"}`,
    `Health:  ${healthOf(subscription)}`,
  ];
  if (subscription.disabled_reason !== null) lines.push(`Why:     ${oneLine(subscription.disabled_reason)}`);
  if (typeof subscription.secret === "string") lines.push(`Secret:  ${subscription.secret}`);
  for (const { timestamp, status, response_status_code: code } of (subscription.delivery_attempts ?? []).slice(
    0,
    SHOWN_ATTEMPTS,
  )) {
    lines.push(`  ${timestamp}  ${status}  ${code === 0 ? "no answer" : code}`);
  }
  return lines.join("\n");
}
