import { z } from "zod";

import { messageSchema, subscriptionSchema } from "#cli/api-answers";
import type { ApiTransport } from "#cli/api-transport";

const recoverySchema = z.looseObject({ messages: z.number() });

/** Webhooks out: who is told of what happens, and what there was to tell. */
export class SubscriptionsApi {
  readonly #api: ApiTransport;

  constructor(api: ApiTransport) {
    this.#api = api;
  }

  list() {
    return this.#api.ask(z.array(subscriptionSchema), "GET", "/webhooks/subscriptions");
  }

  get(id: string, includeSecret: boolean) {
    const query = { include_secret: includeSecret ? true : undefined };
    return this.#api.ask(subscriptionSchema, "GET", `/webhooks/subscriptions/${encodeURIComponent(id)}`, { query });
  }

  create(body: { readonly url: string; readonly event_types: readonly string[] }) {
    return this.#api.ask(subscriptionSchema, "POST", "/webhooks/subscriptions", { body });
  }

  update(id: string, body: object) {
    return this.#api.ask(subscriptionSchema, "PATCH", `/webhooks/subscriptions/${encodeURIComponent(id)}`, { body });
  }

  remove(id: string) {
    return this.#api.ask(subscriptionSchema, "DELETE", `/webhooks/subscriptions/${encodeURIComponent(id)}`);
  }

  recover(id: string, body: { readonly since: string; readonly until?: string | undefined }) {
    return this.#api.ask(recoverySchema, "POST", `/webhooks/subscriptions/${encodeURIComponent(id)}/recover`, { body });
  }

  rotateSecret(id: string) {
    const path = `/webhooks/subscriptions/${encodeURIComponent(id)}/rotate-secret`;
    return this.#api.ask(subscriptionSchema, "POST", path, { body: {} });
  }

  /** What happened, newest first. */
  messages(limit: number) {
    return this.#api.ask(z.array(messageSchema), "GET", "/webhooks/messages", { query: { limit } });
  }
}
