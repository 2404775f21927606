import { env } from "cloudflare:workers";

import { openEvents } from "#events/gate";
import { createApp } from "#http/app";
import { FakeConnections } from "./fake-connection.ts";

export const ROOT_KEY = "test-root-key-0123456789";

/** A day in 2026, so that what is printed looks like what people see. */
export const NOW = Date.UTC(2026, 2, 15, 9, 30);

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed, where the answer is JSON. */
  readonly body: unknown;
}

export interface Call {
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly raw?: BodyInit;
}

/** The app over fake connections and the test's D1, and a way to call it. */
export function httpClient(
  overrides: { readonly now?: () => number; readonly env?: object; readonly connections?: FakeConnections } = {},
) {
  const connections = overrides.connections ?? new FakeConnections(env.DB);
  /** Thrown where events are published, until it is null again. */
  const events: { fault: Error | null } = { fault: null };
  const app = createApp({
    gate: connections.gate,
    events: (bindings, organizationId) => {
      const deliveries = openEvents(bindings.EVENT_DELIVERY, organizationId);
      const { fault } = events;
      return fault === null ? deliveries : { ...deliveries, publish: () => Promise.reject(fault) };
    },
    newId: () => crypto.randomUUID(),
    now: overrides.now ?? (() => NOW),
  });

  async function call(method: string, path: string, options: Call = {}): Promise<Answer> {
    const { key = ROOT_KEY, json, raw } = options;
    const body = json === undefined ? raw : JSON.stringify(json);
    const response = await app.request(
      path,
      {
        method,
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...options.headers,
        },
        ...(body === undefined ? {} : { body }),
      },
      { ...env, ...overrides.env },
    );
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== "" ? JSON.parse(text) : null,
    };
  }

  return { app, connections, events, call };
}

/** A value inside a body, by its path; fails where there is nothing. */
export function at(body: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (typeof value !== "object" || value === null || !(key in value))
      throw new Error(`No ${path.join(".")} in the body.`);
    return Reflect.get(value, key);
  }, body);
}

/** A string inside a body, by its path. */
export function textAt(body: unknown, ...path: readonly (string | number)[]): string {
  const value = at(body, ...path);
  if (typeof value !== "string") throw new Error(`${path.join(".")} is not a string.`);
  return value;
}
