import { CannotOpen, type Sealed } from "#auth/credentials";
import { mayDeliver, paceAfter, type Pace } from "#core/delivery";
import { unexpectedError } from "#observability/events";
import { log } from "#observability/log";
import { recordAttempt, verdictOf, type AttemptStores } from "./attempt.ts";
import type { Delivery } from "./queue.ts";
import { handOver, type Answer } from "./receiver.ts";
import type { Signing } from "./signing.ts";
import type { StoredSubscription } from "./subscription-store.ts";

/** Due deliveries looked at for one whose job has nothing under way: a few, and then more than all lanes' jobs have. */
const LOOKED_AT = [4, 40];

/** While something is under way the alarm goes off this often: should the object die, it is the one that goes on. */
const WATCH_EVERY_MS = 5_000;

/** Pause after a fault of Sluice or of the platform. */
const REST_MS = 60_000;

export interface CourierDeps extends AttemptStores {
  readonly signing: Signing;
  /** Requests that one invocation may make. */
  readonly requestBudget: number;
  /** Called whenever the next thing to do may have changed. */
  readonly onChange: () => void;
}

/**
 * Delivers what is queued, several receivers side by side. A delivery stays in the queue until its attempt is recorded,
 * so one that dies with its object is made again. What is under way is known in memory only.
 */
export class Courier {
  readonly #deps: CourierDeps;
  readonly #flights = new Map<Delivery, Promise<void>>();
  readonly #paces = new Map<string, Pace>();
  /** Subscriptions that may have something due, the one served longest ago first. */
  readonly #waiting = new Set<string>();
  /** When a subscription was last seen to have nothing that may start. */
  readonly #seenIdleAt = new Map<string, number>();
  #requestsLeft = 0;
  #restsUntil = 0;

  constructor(deps: CourierDeps) {
    this.#deps = deps;
  }

  /** A new invocation: with requests of its own. Starts what may start; whatever ends starts the next. */
  deliver(): void {
    this.#requestsLeft = this.#deps.requestBudget;
    for (const { id, standing } of this.#deps.subscriptions.all()) if (!standing.disabled) this.#waiting.add(id);
    this.#startAll();
  }

  /** Resolves when nothing is under way and nothing more may start. */
  async idle(): Promise<void> {
    while (this.#flights.size > 0) await Promise.all(this.#flights.values());
  }

  /** When to be called again, in epoch milliseconds; null if nothing is queued for anyone. */
  dueAt(now: number): number | null {
    const dueTimes: number[] = [];
    if (this.#flights.size > 0) dueTimes.push(now + WATCH_EVERY_MS);
    if (this.#waiting.size > 0 && (this.#requestsLeft === 0 || this.#flights.size === 0)) dueTimes.push(now);
    for (const { id, standing } of this.#deps.subscriptions.all()) {
      if (standing.disabled || this.#waiting.has(id)) continue;
      // What was due then waits for something under way, and is looked at when that ends.
      const nextAt = this.#deps.queue.nextAfter(id, this.#seenIdleAt.get(id) ?? -1);
      if (nextAt !== null) dueTimes.push(nextAt);
    }
    return dueTimes.length === 0 ? null : Math.max(this.#restsUntil, Math.min(...dueTimes));
  }

  #startAll(): void {
    while (this.#requestsLeft > 0 && this.#deps.outside.now() >= this.#restsUntil) {
      const next = this.#next();
      if (next === null) return;
      this.#requestsLeft -= 1;
      const flight = this.#fly(next.subscription, next.delivery)
        .catch((error: unknown) => this.#rest(error))
        .finally(() => {
          this.#flights.delete(next.delivery);
          this.#waiting.add(next.subscription.id);
          this.#startAll();
          const isEnd = this.#flights.size === 0 || this.#requestsLeft === 0;
          if (isEnd || this.#comesLater(next.subscription.id)) this.#deps.onChange();
        });
      this.#flights.set(next.delivery, flight);
    }
  }

  /** Has it nothing that may start now, but something for later, which may be before what is under way ends? */
  #comesLater(subscriptionId: string): boolean {
    if (this.#waiting.has(subscriptionId)) return false;
    return this.#deps.queue.nextAfter(subscriptionId, this.#seenIdleAt.get(subscriptionId) ?? -1) !== null;
  }

  /** A fault that nothing here understands: what it kept from being recorded is done again, but not at once. */
  #rest(error: unknown): void {
    log(unexpectedError("event delivery", null, error));
    this.#restsUntil = this.#deps.outside.now() + REST_MS;
  }

  /** The next delivery that may start, of the subscription that has waited longest. */
  #next(): { readonly subscription: StoredSubscription; readonly delivery: Delivery } | null {
    for (const id of this.#waiting) {
      const subscription = this.#deps.subscriptions.read(id);
      if (subscription === null || subscription.standing.disabled) {
        this.#waiting.delete(id);
        continue;
      }
      if (!mayDeliver(this.#paceOf(subscription), this.#trafficOf(subscription))) continue;
      this.#waiting.delete(id);
      const now = this.#deps.outside.now();
      const delivery = this.#firstFree(id, now);
      if (delivery === null) {
        this.#seenIdleAt.set(id, now);
        continue;
      }
      this.#waiting.add(id);
      return { subscription, delivery };
    }
    return null;
  }

  #firstFree(subscriptionId: string, now: number): Delivery | null {
    const busy = new Set<string>();
    for (const flight of this.#flights.keys()) if (flight.subscriptionId === subscriptionId) busy.add(flight.orderKey);
    for (const limit of LOOKED_AT) {
      const due = this.#deps.queue.due(subscriptionId, now, limit);
      const free = due.find(({ orderKey }) => !busy.has(orderKey));
      if (free !== undefined || due.length < limit) return free ?? null;
    }
    return null;
  }

  #paceOf({ id, standing }: StoredSubscription): Pace {
    return this.#paces.get(id) ?? (standing.failingSince === null ? "unknown" : "slow");
  }

  #trafficOf(subscription: StoredSubscription) {
    const pace = this.#paceOf(subscription);
    let [own, samePace] = [0, 0];
    for (const { subscriptionId } of this.#flights.keys()) {
      const other = this.#deps.subscriptions.read(subscriptionId);
      if (subscriptionId === subscription.id) own += 1;
      if (other !== null && this.#paceOf(other) === pace) samePace += 1;
    }
    return { own, samePace, total: this.#flights.size };
  }

  async #fly(subscription: StoredSubscription, delivery: Delivery): Promise<void> {
    const { messages, queue, outside } = this.#deps;
    const message = messages.read(delivery.messageId);
    if (message === null) {
      queue.remove(delivery);
      return;
    }
    const at = outside.now();
    const answer = await this.#attempt(subscription, message, at);
    this.#paces.set(subscription.id, paceAfter(verdictOf(answer) === "delivered", answer.durationMs));
    recordAttempt(this.#deps, delivery, { url: subscription.url, at, answer });
  }

  async #attempt(
    { id, url, secret, oldSecrets }: StoredSubscription,
    message: { readonly id: string; readonly body: string },
    now: number,
  ): Promise<Answer> {
    const secrets = [secret, ...oldSecrets.filter(({ until }) => until > now).map((old) => old.secret)];
    const timestamp = Math.floor(now / 1000);
    try {
      const signature = await this.#deps.signing.sign(id, secrets, `${message.id}.${timestamp}.${message.body}`);
      const answer = await handOver(this.#deps.outside, url, { ...message, timestamp, signature });
      for (const each of secrets) await this.#reseal(id, each);
      return answer;
    } catch (error) {
      if (!(error instanceof CannotOpen)) throw error;
      return { statusCode: null, response: null, error: error.message, retryAt: null, durationMs: 0 };
    }
  }

  /** After a delivery an old key is not needed any more, as far as its subscription goes. */
  async #reseal(subscriptionId: string, sealed: Sealed): Promise<void> {
    const resealed = await this.#deps.signing.reseal(subscriptionId, sealed);
    if (resealed === null) return;
    const current = this.#deps.subscriptions.read(subscriptionId);
    if (current === null) return;
    const newest = (secret: Sealed) => (secret.ciphertext === sealed.ciphertext ? resealed : secret);
    const oldSecrets = current.oldSecrets.map(({ secret, until }) => ({ secret: newest(secret), until }));
    this.#deps.subscriptions.write({ ...current, secret: newest(current.secret), oldSecrets });
  }
}
