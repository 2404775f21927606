import { createMiddleware } from "hono/factory";

import type { AppEnv } from "#http/app-env";
import { MAX_DISCARDED_BYTES } from "#http/json-body";

/**
 * Takes in, and throws away, a body that the answer did not need: a client, or the local development server, that is
 * busy sending when the connection closes never gets to read the answer.
 */
export const unreadBody = createMiddleware<AppEnv>(async (c, next) => {
  // A route that expects a body puts a checked one in its place.
  const request = c.req.raw;
  await next();
  if (request.body !== null && !request.bodyUsed) await discard(request.body);
});

async function discard(body: ReadableStream<Uint8Array>): Promise<void> {
  try {
    let length = 0;
    for await (const chunk of body) {
      length += chunk.byteLength;
      if (length > MAX_DISCARDED_BYTES) return;
    }
  } catch {
    // The client has hung up, or wants no answer.
  }
}
