import { collectionSchema } from "#cli/api-answers";
import type { ApiTransport } from "#cli/api-transport";

/** Collections, which source connections are in. */
export class CollectionsApi {
  readonly #api: ApiTransport;

  constructor(api: ApiTransport) {
    this.#api = api;
  }

  create(name: string) {
    return this.#api.ask(collectionSchema, "POST", "/collections", { body: { name } });
  }
}
