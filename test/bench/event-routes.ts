import { Hono } from "hono";
import { v7 as uuidv7 } from "uuid";

import { EVENT_TYPES, syncEvent } from "#core/event";
import { aJob } from "#test/support/builders";

/** An organization that has nothing but events. */
const ORGANIZATION = "bench";
const STATUSES = ["PENDING", "RUNNING", "COMPLETED"] as const;

/** Subscribes a receiver, and publishes the events of made-up jobs, three each. */
export const eventRoutes = new Hono<{ Bindings: Pick<Cloudflare.Env, "EVENT_DELIVERY"> }>();

eventRoutes.post("/subscribe", async ({ env, req, json }) => {
  const { url } = await req.json<{ url: string }>();
  const input = { id: uuidv7(), url, filterTypes: [...EVENT_TYPES], secret: null };
  const reply = await env.EVENT_DELIVERY.getByName(ORGANIZATION).subscribe(input);
  return reply.ok ? json({}) : json(reply.refusal, 400);
});

eventRoutes.post("/publish", async ({ env, req, json }) => {
  const { count, from } = await req.json<{ count: number; from: number }>();
  const at = Date.now();
  const connection = { id: "bench", organizationId: ORGANIZATION, collectionId: "bench", shortName: "stub" };
  const events = Array.from({ length: count }, (_, index) => {
    const number = from + index;
    const job = aJob({ id: `${at}-${Math.floor(number / 3)}`, status: STATUSES[number % 3] ?? "PENDING" });
    return syncEvent({ id: uuidv7(), at, timestamp: new Date(at).toISOString() }, connection, job);
  });
  await env.EVENT_DELIVERY.getByName(ORGANIZATION).publish(ORGANIZATION, events);
  return json({});
});
