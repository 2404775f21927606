import { inboundSchema } from "#cli/api-answers";
import type { ApiTransport, Method } from "#cli/api-transport";

/** A connection's inbound address. */
export class InboundApi {
  readonly #api: ApiTransport;

  constructor(api: ApiTransport) {
    this.#api = api;
  }

  /** `GET` shows it, `POST` makes it, `PATCH` changes it, `DELETE` takes it away. */
  ask(connectionId: string, method: Method, body?: object) {
    const path = `/source-connections/${connectionId}/webhook`;
    return this.#api.ask(inboundSchema, method, path, body === undefined ? {} : { body });
  }

  rotate(connectionId: string, overlapSeconds: number | undefined) {
    const path = `/source-connections/${connectionId}/webhook/rotate`;
    return this.#api.ask(inboundSchema, "POST", path, { query: { overlap_seconds: overlapSeconds } });
  }
}
