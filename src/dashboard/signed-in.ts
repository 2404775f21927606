import { createMiddleware } from "hono/factory";

import type { IssuedKey } from "#auth/authenticate";
import { actorOf, openSession } from "#auth/session";
import { findApiKeyByHash } from "#records/api-key-repository";
import { Api } from "./api.ts";
import type { DashboardDeps, DashboardEnv } from "./dashboard-env.ts";
import { dropSessionCookie, sessionCookie } from "./session-cookie.ts";

/** Lets through who is signed in, with the API to ask as that person; others are led to where they can sign in. */
export function signedIn(deps: DashboardDeps) {
  return createMiddleware<DashboardEnv>(async (c, next) => {
    const { SLUICE_API_KEY: rootKey, SLUICE_ENCRYPTION_KEYS: keys } = c.get("config");
    const now = deps.now();
    const token = sessionCookie(c);
    const session = token === undefined ? null : await openSession(keys, token, now);
    const actor = session === null ? null : await actorOf(session, { rootKey, findKey, now });
    if (actor === null) {
      if (token !== undefined) dropSessionCookie(c);
      // A script is told so; it reloads the page.
      if (!isForPage(c.req.raw.headers)) return c.text("Not signed in", 401);
      const asked = c.req.method === "GET" ? c.req.path + new URL(c.req.url).search : "/";
      return c.redirect(asked === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(asked)}`, 303);
    }
    c.set("actor", actor);
    c.set(
      "api",
      new Api(async (path, init) => {
        const request = new Request(new URL(path, c.req.url), init);
        deps.vouch(request, { actor, requestId: c.get("requestId") });
        return deps.api.fetch(request, c.env);
      }),
    );
    return next();

    async function findKey(hash: string): Promise<IssuedKey | null> {
      const row = await findApiKeyByHash(c.env.DB, hash);
      return row === null ? null : { id: row.id, organizationId: row.organization_id, expiresAt: row.expires_at };
    }
  });
}

function isForPage(headers: Headers): boolean {
  const accepted = headers.get("accept") ?? "*/*";
  return accepted.includes("text/html") || (accepted.includes("*/*") && headers.get("sec-fetch-mode") !== "cors");
}
