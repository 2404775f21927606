import { env } from "cloudflare:workers";

import { openGate } from "#connection/gate";
import { createSite } from "#dashboard/site";
import { openEvents } from "#events/gate";
import { FakeConnections } from "./fake-connection.ts";
import { NOW, ROOT_KEY } from "./http-client.ts";

const ORIGIN = "https://sluice.example.com";

export interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
}

interface Visit {
  readonly form?: Readonly<Record<string, string>>;
  /** In the place of a form, sent as it is. */
  readonly raw?: BodyInit;
  readonly headers?: Readonly<Record<string, string>>;
}

const newId = () => crypto.randomUUID();

interface BrowserOptions {
  readonly now?: () => number;
  readonly env?: object;
  /** Connections are objects, with a clock of their own, instead of fakes. */
  readonly realObjects?: boolean;
}

/** The whole Worker as a browser sees it, over the test's D1: keeps cookies, says where it is. */
export function browserLike(options: BrowserOptions = {}) {
  const connections = new FakeConnections(env.DB);
  const site = createSite({
    gate: (bindings, id) =>
      options.realObjects === true ? openGate(bindings.SOURCE_CONNECTION, id, newId) : connections.gate(bindings, id),
    events: (bindings, organizationId) => openEvents(bindings.EVENT_DELIVERY, organizationId),
    newId,
    now: options.now ?? (() => NOW),
  });
  const cookies = new Map<string, string>();
  const bindings = { ...env, ...options.env };

  async function visit(method: "GET" | "POST", path: string, { form, raw, headers }: Visit = {}): Promise<Page> {
    const body = form === undefined ? raw : new URLSearchParams(form);
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await site.fetch(
      new Request(new URL(path, ORIGIN), {
        method,
        redirect: "manual",
        headers: {
          accept: "text/html",
          ...(cookie === "" ? {} : { cookie }),
          ...(method === "POST" ? { origin: ORIGIN, "sec-fetch-site": "same-origin" } : {}),
          ...headers,
        },
        ...(body === undefined ? {} : { body }),
      }),
      bindings,
    );
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
    return { status: response.status, headers: response.headers, html: await response.text() };
  }

  /** The API of the same Worker, with the root key: the body of its answer. */
  async function api(method: string, path: string, json?: unknown): Promise<unknown> {
    const headers = { "x-api-key": ROOT_KEY, "content-type": "application/json" };
    const body = json === undefined ? {} : { body: JSON.stringify(json) };
    const response = await site.fetch(new Request(new URL(path, ORIGIN), { method, headers, ...body }), bindings);
    return response.json();
  }

  return {
    api,
    connections,
    cookies,
    visit,
    get: (path: string, more?: Visit) => visit("GET", path, more),
    post: (path: string, form: Readonly<Record<string, string>> = {}, more: Visit = {}) =>
      visit("POST", path, { form, ...more }),
    signIn: (key = ROOT_KEY) => visit("POST", "/sign-in", { form: { key, next: "/" } }),
  };
}
