import { holdsBackLater, nextAttemptAt } from "#core/delivery";
import { afterAttempt, type AttemptVerdict } from "#core/subscription";
import { log } from "#observability/log";
import type { Sql } from "#storage/sql";
import type { MessageStore } from "./message-store.ts";
import type { Delivery, Queue } from "./queue.ts";
import type { Answer, Outside } from "./receiver.ts";
import type { SubscriptionStore } from "./subscription-store.ts";

/** What an attempt changes, and what it takes from the world. */
export interface AttemptStores {
  readonly sql: Sql;
  readonly subscriptions: SubscriptionStore;
  readonly messages: MessageStore;
  readonly queue: Queue;
  readonly outside: Outside;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly newId: () => string;
}

/** One attempt at a delivery: where it went, when it began, and what came of it. */
export interface MadeAttempt {
  readonly url: string;
  readonly at: number;
  readonly answer: Answer;
}

/** Records an attempt and what follows from it, all of it or nothing: done, tried again later, given up, disabled. */
export function recordAttempt(stores: AttemptStores, delivery: Delivery, made: MadeAttempt): void {
  const { sql, subscriptions, messages, queue, newId, outside } = stores;
  const { subscriptionId, messageId } = delivery;
  const { url, at, answer } = made;
  const verdict = verdictOf(answer);
  const { retryAt, ...shown } = answer;
  log({
    event: "event_delivered",
    subscription_id: subscriptionId,
    message_id: messageId,
    outcome: verdict,
    status: answer.statusCode,
    attempt: delivery.attempts + 1,
    duration_ms: answer.durationMs,
  });
  sql.transaction(() => {
    const subscription = subscriptions.read(subscriptionId);
    const wasQueued = queue.remove(delivery);
    // It was deleted while its receiver was being told.
    if (subscription === null) return;
    messages.addAttempt({
      id: newId(),
      messageId,
      subscriptionId,
      url,
      isSuccess: verdict === "delivered",
      at,
      ...shown,
    });
    const now = outside.now();
    if (verdict !== "delivered" && wasQueued) tryAgain(stores, delivery, now, retryAt);
    const standing = afterAttempt(subscription.standing, verdict, now);
    if (standing === subscription.standing) return;
    subscriptions.write({ ...subscription, standing });
    const { disabled, disabledReason: reason } = standing;
    if (disabled && !subscription.standing.disabled && reason !== null) {
      log({ event: "subscription_disabled", subscription_id: subscriptionId, reason });
    }
  });
}

export function verdictOf({ statusCode }: Answer): AttemptVerdict {
  if (statusCode === 410) return "gone";
  return statusCode !== null && statusCode >= 200 && statusCode < 300 ? "delivered" : "failed";
}

function tryAgain({ queue, random }: AttemptStores, failed: Delivery, now: number, retryAt: number | null): void {
  const attempts = failed.attempts + 1;
  const nextAt = nextAttemptAt({ attempts, now, random: random(), retryAt });
  if (nextAt === null) return;
  const again = { ...failed, attempts, nextAt };
  queue.add(again);
  if (holdsBackLater(attempts)) queue.holdBackAfter(again);
}
