import { createMiddleware } from "hono/factory";

import { readJsonBody } from "#http/json-body";
import type { AppEnv } from "#http/app-env";

/** Puts a checked body in the place of the raw one, before anything parses it. */
export function jsonBody(maxBytes?: number) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const text = await readJsonBody(c.req.raw, maxBytes);
    const { url, method } = c.req.raw;
    c.req.raw = new Request(url, { method, headers: { "content-type": "application/json" }, body: text });
    await next();
  });
}
