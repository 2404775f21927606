import { z } from "zod";

import { type Source, sourceSchema } from "#cli/api-answers";
import type { ApiTransport } from "#cli/api-transport";

/** Sources: those that come with Sluice, and those that the organization brought. */
export class SourcesApi {
  readonly #api: ApiTransport;

  constructor(api: ApiTransport) {
    this.#api = api;
  }

  list(): Promise<Source[]> {
    return this.#api.ask(z.array(sourceSchema), "GET", "/sources");
  }

  get(shortName: string): Promise<Source> {
    return this.#api.ask(sourceSchema, "GET", `/sources/${encodeURIComponent(shortName)}`);
  }

  /** Registers a manifest as a new custom source. */
  create(shortName: string, source: object): Promise<Source> {
    return this.#api.ask(sourceSchema, "POST", "/sources", { body: { short_name: shortName, ...source } });
  }

  /** Replaces a custom source's manifest. */
  replace(shortName: string, source: object): Promise<Source> {
    return this.#api.ask(sourceSchema, "PUT", `/sources/${encodeURIComponent(shortName)}`, { body: source });
  }

  remove(shortName: string): Promise<Source> {
    return this.#api.ask(sourceSchema, "DELETE", `/sources/${encodeURIComponent(shortName)}`);
  }
}
