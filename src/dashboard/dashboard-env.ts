import type { Hono } from "hono";

import type { Config } from "#config";
import type { AppEnv, Vouched } from "#http/app-env";
import type { Api } from "./api.ts";
import type { AssetPaths } from "./assets.ts";

/** What answers the dashboard's questions: the API, called without a network between. */
export interface ApiHandler {
  fetch(request: Request, env: Cloudflare.Env): Response | Promise<Response>;
}

export interface DashboardDeps {
  readonly api: ApiHandler;
  /** Tells the API for which request it is asked, and by whom: a session has no key to send. */
  readonly vouch: (request: Request, known: Vouched) => void;
  readonly newId: () => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** What a request to the dashboard carries through the middleware. */
export interface DashboardEnv {
  Bindings: Cloudflare.Env;
  Variables: AppEnv["Variables"] & {
    config: Config;
    assets: AssetPaths;
    /** The API, as whoever is signed in. Set on the pages that need a session, as is `actor`. */
    api: Api;
  };
}

/** What pages are added to. */
export type Dashboard = Hono<DashboardEnv>;
