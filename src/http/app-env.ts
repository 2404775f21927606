import type { OpenAPIHono } from "@hono/zod-openapi";

import type { Actor } from "#auth/actor";
import type { Config } from "#config";
import type { SourceConnectionRpc } from "#connection/rpc";
import type { EventDeliveryRpc } from "#events/rpc";

/** What the app needs from outside: the way to the objects, and what is different on every call. */
export interface AppDeps {
  /** Reaches the object of the source connection with this id. */
  readonly gate: (env: Cloudflare.Env, connectionId: string) => SourceConnectionRpc;
  /** Reaches the events of this organization. */
  readonly events: (env: Cloudflare.Env, organizationId: string) => EventDeliveryRpc;
  readonly newId: () => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Of a request that somebody in this Worker makes; null for one that came in. */
  readonly vouchedFor?: (request: Request) => Vouched | null;
}

/** What is known of a request that was made for another one, which came in. */
export interface Vouched {
  /** Who is asking, where that has been made sure of; null where the request has to prove it. */
  readonly actor: Actor | null;
  /** Of the request that came in. */
  readonly requestId: string;
}

/** What a request carries through the middleware. */
export interface AppEnv {
  Bindings: Cloudflare.Env;
  Variables: {
    requestId: string;
    /** The two below are set on authenticated routes. */
    config: Config;
    actor: Actor;
  };
}

export type App = OpenAPIHono<AppEnv>;
