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
  /** Who is asking, where somebody in this Worker has made sure of that; null where the request has to prove it. */
  readonly vouchedFor?: (request: Request) => Actor | null;
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
