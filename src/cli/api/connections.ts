import { z } from "zod";

import { type Connection, connectionItemSchema, type ConnectionItem, connectionSchema } from "#cli/api-answers";
import type { ApiTransport } from "#cli/api-transport";
import { PAGE_SIZE } from "./page-size.ts";

export interface NewConnection {
  readonly name: string | undefined;
  readonly short_name: string;
  readonly readable_collection_id: string | undefined;
  readonly config: Readonly<Record<string, unknown>>;
  readonly credentials: Readonly<Record<string, unknown>> | null;
  readonly sync_immediately: boolean;
  readonly schedule?: Readonly<Record<string, unknown>> | null;
}

/** Source connections. */
export class ConnectionsApi {
  readonly #api: ApiTransport;

  constructor(api: ApiTransport) {
    this.#api = api;
  }

  /** Newest first; a page of them where `limit` is given, otherwise all. */
  async list({ collection, limit }: { collection?: string | undefined; limit?: number | undefined } = {}) {
    const found: ConnectionItem[] = [];
    for (;;) {
      const query = { collection, skip: found.length, limit: limit ?? PAGE_SIZE };
      const page = await this.#api.ask(z.array(connectionItemSchema), "GET", "/source-connections", { query });
      found.push(...page);
      if (limit !== undefined || page.length < PAGE_SIZE) return found;
    }
  }

  create({ credentials, ...rest }: NewConnection): Promise<Connection> {
    const authentication = credentials === null ? {} : { authentication: { credentials } };
    return this.#api.ask(connectionSchema, "POST", "/source-connections", { body: { ...rest, ...authentication } });
  }

  get(id: string): Promise<Connection> {
    return this.#api.ask(connectionSchema, "GET", `/source-connections/${id}`);
  }

  update(id: string, patch: object): Promise<Connection> {
    return this.#api.ask(connectionSchema, "PATCH", `/source-connections/${id}`, { body: patch });
  }

  remove(id: string): Promise<Connection> {
    return this.#api.ask(connectionSchema, "DELETE", `/source-connections/${id}`);
  }
}
