import { createMiddleware } from "hono/factory";

import type { Actor } from "#auth/actor";
import { authenticate, presentedKey, type IssuedKey } from "#auth/authenticate";
import { readConfig } from "#config";
import { Refused } from "#core/errors";
import type { AppDeps, AppEnv } from "#http/app-env";
import { clientAddress } from "#http/client-address";
import { RateLimiter, tooMany, type RateLimit } from "#http/rate-limit";
import { findApiKeyByHash } from "#records/api-key-repository";

/** Generous: a whole office behind one address may mistype its key; a script that never learns may not. */
const FAILURES: RateLimit = { requests: 300, windowMs: 60_000 };

/** Lets a request through that has a good key and has not had too many before it. */
export function authentication({ now, vouchedFor }: AppDeps) {
  const calls = new RateLimiter();
  const failures = new RateLimiter();

  return createMiddleware<AppEnv>(async (c, next) => {
    const config = readConfig(c.env);
    const at = now();
    const address = clientAddress(c.req.raw.headers);
    const actor = vouchedFor?.(c.req.raw)?.actor ?? (await identify());
    const limit = { requests: config.RATE_LIMIT_REQUESTS, windowMs: config.RATE_LIMIT_WINDOW_SECONDS * 1000 };
    const allowance = calls.take(actor.keyId, limit, at);
    if (!allowance.allowed)
      throw tooMany(allowance, at, `Limit: ${allowance.limit} requests per ${limit.windowMs / 1000} seconds.`);
    c.set("config", config);
    c.set("actor", actor);
    await next();
    if (!c.res.ok) return;
    c.header("ratelimit-limit", String(allowance.limit));
    c.header("ratelimit-remaining", String(allowance.remaining));
    c.header("ratelimit-reset", String(Math.ceil(allowance.resetAt / 1000)));

    async function identify(): Promise<Actor> {
      try {
        return await authenticate(presentedKey(c.req.raw.headers), {
          rootKey: config.SLUICE_API_KEY,
          findKey,
          now: at,
        });
      } catch (thrown) {
        if (!(thrown instanceof Refused)) throw thrown;
        const attempt = failures.take(address, FAILURES, at);
        throw attempt.allowed ? thrown : tooMany(attempt, at, "Too many requests without a good API key.");
      }
    }

    /** Spares D1 the look-ups of a caller that only guesses. */
    async function findKey(hash: string): Promise<IssuedKey | null> {
      if (!failures.peek(address, FAILURES, at).allowed) return null;
      const row = await findApiKeyByHash(c.env.DB, hash);
      return row === null ? null : { id: row.id, organizationId: row.organization_id, expiresAt: row.expires_at };
    }
  });
}
