import { z } from "zod";

import { apiKeySchema } from "#cli/api-answers";
import type { ApiTransport } from "#cli/api-transport";
import { PAGE_SIZE } from "./page-size.ts";

/** API keys of the organization. */
export class KeysApi {
  readonly #api: ApiTransport;

  constructor(api: ApiTransport) {
    this.#api = api;
  }

  list() {
    return this.#api.ask(z.array(apiKeySchema), "GET", "/api-keys", { query: { limit: PAGE_SIZE } });
  }

  create(name: string, expiresInDays: number | undefined) {
    return this.#api.ask(apiKeySchema, "POST", "/api-keys", { body: { name, expires_in_days: expiresInDays } });
  }

  remove(id: string) {
    return this.#api.ask(apiKeySchema, "DELETE", `/api-keys/${encodeURIComponent(id)}`);
  }
}
