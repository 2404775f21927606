import { z } from "@hono/zod-openapi";

import { hashApiKey } from "#auth/api-key";
import { readConfig } from "#config";
import { Refused, refused, type ErrorCode } from "#core/errors";
import type { App, AppDeps } from "#http/app-env";
import { clientAddress } from "#http/client-address";
import { readBody } from "#http/json-body";
import { operation } from "#http/operation";
import { RateLimiter, tooMany, type RateLimit } from "#http/rate-limit";
import { valueOf } from "#http/reply";
import { hookAnswerBody, hookAnswerSchema } from "#http/schemas/webhook";
import { UNKNOWN_HOOK } from "#triggers/webhook/hook";
import { connectionIdOf } from "#triggers/webhook/token";

/** Deliveries of one sender to one address that may be refused in a window: after that they reach no object. */
const REFUSED: RateLimit = { requests: 300, windowMs: 60_000 };
/**
 * Addresses that are not there, for each sender. Generous: a provider delivers for all its customers from a few
 * addresses, and those of connections that are deleted go on for a while.
 */
const UNKNOWN: RateLimit = { requests: 3_000, windowMs: 60_000 };

/** What a sender can do something about; the rest are our faults, or say nothing about it. */
const SENDERS_FAULTS: ReadonlySet<ErrorCode> = new Set(["signature_invalid", "delivery_invalid", "body_too_large"]);

const deliver = operation({
  method: "post",
  path: "/v1/hooks/{token}",
  id: "receiveWebhook",
  tag: "Webhooks in",
  summary: "Take a delivery",
  description:
    "For senders of webhooks. Needs no key: the address and the signature say enough. A challenge of Slack's is answered with 200 and `{challenge}`.",
  request: { params: z.object({ token: z.string() }) },
  answer: hookAnswerSchema,
  success: 202,
  open: true,
  refusals: ["not_found", "signature_invalid", "delivery_invalid", "body_too_large", "rate_limited", "unavailable"],
});

export function hookRoutes(app: App, { gate, now }: AppDeps): void {
  const deliveries = new RateLimiter();
  const refusals = new RateLimiter();
  const strangers = new RateLimiter();

  app.openapi(deliver, async (c) => {
    const { token } = c.req.valid("param");
    const config = readConfig(c.env);
    const at = now();
    const address = clientAddress(c.req.raw.headers);
    const connectionId = connectionIdOf(token);
    const tokenHash = await hashApiKey(token);
    const caller = `${address} ${tokenHash}`;
    const limit = { requests: config.RATE_LIMIT_REQUESTS, windowMs: config.RATE_LIMIT_WINDOW_SECONDS * 1000 };
    for (const allowance of [
      strangers.peek(address, UNKNOWN, at),
      refusals.peek(caller, REFUSED, at),
      deliveries.take(tokenHash, limit, at),
    ]) {
      if (!allowance.allowed) throw tooMany(allowance, at, "Too many deliveries, or too many that were refused.");
    }
    // The same for what is no token at all, so that both look alike.
    const reply =
      connectionId === null
        ? refused(UNKNOWN_HOOK)
        : await gate(c.env, connectionId).receiveHook({
            tokenHash,
            headers: headersOf(c.req.raw.headers),
            body: await bodyOf(c.req.raw),
          });
    if (!reply.ok && reply.refusal.code === "not_found") strangers.take(address, UNKNOWN, at);
    if (!reply.ok && SENDERS_FAULTS.has(reply.refusal.code)) refusals.take(caller, REFUSED, at);
    const answer = valueOf(reply);
    if (answer.challenge !== null) return c.json({ challenge: answer.challenge }, 200);
    return c.json(hookAnswerBody(answer), 202);
  });
  // Whoever tries another method needs no key to be told so.
  app.all("/v1/hooks/:token", (c) => c.notFound());
}

/** Null for one that is too large: the object counts it, where the owner can see it. */
async function bodyOf(request: Request): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return await readBody(request);
  } catch (thrown) {
    if (thrown instanceof Refused && thrown.refusal.code === "body_too_large") return null;
    throw thrown;
  }
}

/** Which header proves a delivery, only the object knows; cookies do for none. */
function headersOf(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name !== "cookie"));
}
