import { z } from "zod";

import { sealedSchema } from "#auth/credentials";
import { filterTypesSchema, healthOf, standingSchema } from "#core/subscription";
import { textOf, type Sql } from "#storage/sql";
import type { Subscription } from "./rpc.ts";

const storedSchema = z.object({
  id: z.string(),
  url: z.string(),
  filterTypes: filterTypesSchema,
  /** Sealed for this subscription. */
  secret: sealedSchema,
  /** Secrets that were replaced and go on signing until then. */
  oldSecrets: z.array(z.object({ secret: sealedSchema, until: z.number() })),
  standing: standingSchema,
  createdAt: z.number(),
  updatedAt: z.number(),
});
/** A subscription as its object keeps it. */
export type StoredSubscription = z.infer<typeof storedSchema>;

/** The organization's subscriptions. There are few, and every event asks for all: they are kept in memory. */
export class SubscriptionStore {
  readonly #sql: Sql;
  #cached: Map<string, StoredSubscription> | null = null;

  constructor(sql: Sql) {
    this.#sql = sql;
    sql.onUndone(() => (this.#cached = null));
  }

  /** Oldest first. */
  all(): StoredSubscription[] {
    return [...this.#known().values()].toSorted((a, b) => a.createdAt - b.createdAt);
  }

  read(id: string): StoredSubscription | null {
    return this.#known().get(id) ?? null;
  }

  write(subscription: StoredSubscription): void {
    this.#sql.run(
      "INSERT INTO subscriptions (id, value) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET value = excluded.value",
      subscription.id,
      JSON.stringify(subscription),
    );
    this.#known().set(subscription.id, subscription);
  }

  remove(id: string): void {
    this.#sql.run("DELETE FROM subscriptions WHERE id = ?", id);
    this.#known().delete(id);
  }

  #known(): Map<string, StoredSubscription> {
    this.#cached ??= new Map(storedSubscriptions(this.#sql).map((subscription) => [subscription.id, subscription]));
    return this.#cached;
  }
}

/** As they are on the disk. */
export function storedSubscriptions(sql: Sql): StoredSubscription[] {
  return sql.all("SELECT value FROM subscriptions").map((row) => storedSchema.parse(JSON.parse(textOf(row, "value"))));
}

/** A subscription as its owner may see it. */
export function visible({ id, url, filterTypes, standing, createdAt, updatedAt }: StoredSubscription): Subscription {
  const { disabled, disabledReason } = standing;
  return { id, url, filterTypes, disabled, disabledReason, createdAt, updatedAt, health: healthOf(standing) };
}
