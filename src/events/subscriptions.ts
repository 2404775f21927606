import { accepted, refused, type Reply } from "#core/errors";
import { NEW_STANDING, switched } from "#core/subscription";
import type { Sql } from "#storage/sql";
import type { MessageStore } from "./message-store.ts";
import type { Queue } from "./queue.ts";
import { receiverRefusal, urlRefusal } from "./receiver-refusal.ts";
import type { Outside } from "./receiver.ts";
import type { NewSubscription, RecoveryRange, Subscription, SubscriptionDetail, SubscriptionPatch } from "./rpc.ts";
import { newSecret, type Signing } from "./signing.ts";
import { visible, type StoredSubscription, type SubscriptionStore } from "./subscription-store.ts";

/** Every event asks every subscription, and each that wants it costs rows and a request. */
const MAX_SUBSCRIPTIONS = 100;

/** How long a replaced secret goes on signing. */
const ROTATION_OVERLAP_MS = 24 * 3_600_000;

/** Secrets that sign at a time; who rotates more often loses the oldest early. */
const MAX_OLD_SECRETS = 4;

/** Attempts shown with a subscription. */
const SHOWN_ATTEMPTS = 100;

export interface SubscriptionsDeps {
  readonly sql: Sql;
  readonly store: SubscriptionStore;
  readonly messages: MessageStore;
  readonly queue: Queue;
  readonly signing: Signing;
  readonly outside: Outside;
  /** Called when something was put into the queue. */
  readonly onQueued: () => void;
}

/** Who is told of what: the organization's webhook subscriptions, as their owner manages them. */
export class Subscriptions {
  readonly #deps: SubscriptionsDeps;

  constructor(deps: SubscriptionsDeps) {
    this.#deps = deps;
  }

  list(): Subscription[] {
    return this.#deps.store.all().map(visible);
  }

  async describe(
    id: string,
    { includeSecret }: { readonly includeSecret: boolean },
  ): Promise<Reply<SubscriptionDetail>> {
    const stored = this.#deps.store.read(id);
    return stored === null ? NOT_FOUND : accepted(await this.#detail(stored, includeSecret));
  }

  /** The caller has tried the address. */
  async create({ id, url, filterTypes, secret }: NewSubscription): Promise<Reply<SubscriptionDetail>> {
    const sealed = await this.#deps.signing.seal(id, secret ?? newSecret());
    const known = this.#deps.store.read(id);
    // Ids are made for one create, so this is the same call again.
    if (known !== null) return accepted(await this.#detail(known, true));
    if (this.#deps.store.all().length >= MAX_SUBSCRIPTIONS) return TOO_MANY;
    const now = this.#deps.outside.now();
    const stored: StoredSubscription = {
      id,
      url,
      filterTypes: [...filterTypes],
      secret: sealed,
      oldSecrets: [],
      standing: NEW_STANDING,
      createdAt: now,
      updatedAt: now,
    };
    this.#deps.store.write(stored);
    return accepted(await this.#detail(stored, true));
  }

  async amend(id: string, patch: SubscriptionPatch): Promise<Reply<Subscription>> {
    const before = this.#deps.store.read(id);
    if (before === null) return NOT_FOUND;
    const { outside } = this.#deps;
    const refusal =
      patch.url === undefined || patch.url === before.url ? null : await receiverRefusal(outside, patch.url);
    if (refusal !== null) return refused(refusal);
    // It may have changed while the address was being tried.
    const current = this.#deps.store.read(id);
    if (current === null) return NOT_FOUND;
    const { standing } = current;
    const disabled = patch.disabled ?? standing.disabled;
    const amended: StoredSubscription = {
      ...current,
      url: patch.url ?? current.url,
      filterTypes: patch.filterTypes === undefined ? current.filterTypes : [...patch.filterTypes],
      standing: disabled === standing.disabled ? standing : switched(standing, disabled),
      updatedAt: this.#deps.outside.now(),
    };
    this.#deps.sql.transaction(() => {
      if (patch.recoverSince !== undefined) this.#requeue(amended, { since: patch.recoverSince, until: null });
      this.#deps.store.write(amended);
    });
    this.#deps.onQueued();
    return accepted(visible(amended));
  }

  remove(id: string): Reply<Subscription> {
    const stored = this.#deps.store.read(id);
    if (stored === null) return NOT_FOUND;
    this.#deps.sql.transaction(() => {
      this.#deps.queue.removeAll(id);
      this.#deps.store.remove(id);
    });
    return accepted(visible(stored));
  }

  async rotateSecret(id: string, secret: string | null): Promise<Reply<Subscription>> {
    if (this.#deps.store.read(id) === null) return NOT_FOUND;
    const sealed = await this.#deps.signing.seal(id, secret ?? newSecret());
    const current = this.#deps.store.read(id);
    if (current === null) return NOT_FOUND;
    const now = this.#deps.outside.now();
    const old = { secret: current.secret, until: now + ROTATION_OVERLAP_MS };
    const oldSecrets = [old, ...current.oldSecrets.filter(({ until }) => until > now)].slice(0, MAX_OLD_SECRETS);
    const rotated = { ...current, secret: sealed, oldSecrets, updatedAt: now };
    this.#deps.store.write(rotated);
    return accepted(visible(rotated));
  }

  recover(id: string, range: RecoveryRange): Reply<number> {
    const stored = this.#deps.store.read(id);
    if (stored === null) return NOT_FOUND;
    const queued = this.#deps.sql.transaction(() => this.#requeue(stored, range));
    this.#deps.onQueued();
    return accepted(queued);
  }

  #requeue({ id, filterTypes }: StoredSubscription, { since, until }: RecoveryRange): number {
    const now = this.#deps.outside.now();
    return this.#deps.queue.recover(id, filterTypes, { since, until: until ?? now + 1 }, now);
  }

  async #detail(stored: StoredSubscription, includeSecret: boolean): Promise<SubscriptionDetail> {
    return {
      ...visible(stored),
      attempts: this.#deps.messages.recentAttempts(stored.id, SHOWN_ATTEMPTS),
      secret: includeSecret ? await this.#deps.signing.open(stored.id, stored.secret) : null,
    };
  }
}

const NOT_FOUND = refused({ code: "not_found", message: "Webhook subscription not found" });

const TOO_MANY = refused(
  urlRefusal(`There are ${MAX_SUBSCRIPTIONS} subscriptions, the most there can be. Delete one.`),
);
