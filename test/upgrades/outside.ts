import { vi } from "vitest";

import { CouchUpstream } from "#test/support/couch-upstream";
import type { Crm } from "./crm.ts";

/** A delivery to the subscriber's address. */
export interface Received {
  readonly headers: Headers;
  readonly body: string;
}

/** Where events of the organization are delivered. */
export class Receiver {
  static readonly url = "http://receiver.test/hook";
  readonly received: Received[] = [];
  refuses = false;

  async answer(request: Request): Promise<Response> {
    if (request.method !== "POST") return new Response(null);
    this.received.push({ headers: request.headers, body: await request.text() });
    return new Response(null, { status: this.refuses ? 500 : 200 });
  }
}

/** Answers, until mocks are restored, for everything that a fixture's storages reach through the isolate's global fetch. */
export function answerFor(crms: readonly Crm[]): { readonly couch: CouchUpstream; readonly receiver: Receiver } {
  const couch = new CouchUpstream().install();
  const receiver = new Receiver();
  const toCouch = vi.mocked(globalThis.fetch).getMockImplementation();
  vi.mocked(globalThis.fetch).mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const { origin } = new URL(request.url);
    if (Receiver.url.startsWith(origin)) return receiver.answer(request);
    const crm = crms.find(({ url }) => url === origin);
    if (crm !== undefined) return crm.answer(request);
    if (toCouch === undefined) throw new Error("There is no CouchDB.");
    return toCouch(request);
  });
  return { couch, receiver };
}
