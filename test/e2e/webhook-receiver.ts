import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { z } from "zod";

import { EVENT_TYPES } from "#core/event";
import { subscriptionDetailSchema, type SubscriptionDetailBody } from "#http/schemas/subscription";
import type { Sluice } from "./sluice.ts";

const payloadSchema = z.looseObject({
  event_type: z.enum(EVENT_TYPES),
  source_connection_id: z.string().optional(),
  sync_job_id: z.string().optional(),
});

/** A delivery as it arrived. */
export interface Delivered {
  /** `webhook-id` */
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly payload: z.infer<typeof payloadSchema>;
  readonly at: number;
}

/** A consumer's server on loopback. */
export interface WebhookReceiver {
  readonly address: string;
  /** In the order of arrival; a delivery that is made again is there again. */
  readonly delivered: Delivered[];
  /** What it does with a delivery; by default it answers 200. */
  onDelivery: (delivered: Delivered, response: ServerResponse) => void;
  /** Of those of one connection, each once, the first time it came. */
  of(connectionId: string): Delivered[];
  close(): Promise<void>;
}

export async function receiveWebhooks(): Promise<WebhookReceiver> {
  const delivered: Delivered[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.method !== "POST") {
        response.writeHead(405).end();
        return;
      }
      const body = Buffer.concat(chunks).toString();
      const id = String(request.headers["webhook-id"]);
      const payload = payloadSchema.parse(JSON.parse(body));
      const delivery = { id, headers: request.headers, body, payload, at: Date.now() };
      delivered.push(delivery);
      receiver.onDelivery(delivery, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const receiver: WebhookReceiver = {
    address: `http://127.0.0.1:${port}/hook`,
    delivered,
    onDelivery: (_delivery, response) => void response.writeHead(200).end("thanks"),
    of(connectionId) {
      const mine = delivered.filter(({ payload }) => payload.source_connection_id === connectionId);
      return mine.filter(({ id }, index) => mine.findIndex((other) => other.id === id) === index);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

/** Subscribes to everything, or to some types; answers with the subscription and its secret. */
export async function subscribe(
  sluice: Sluice,
  url: string,
  eventTypes: readonly string[] = EVENT_TYPES,
): Promise<SubscriptionDetailBody & { readonly secret: string }> {
  const answer = await sluice.call("POST", "/webhooks/subscriptions", { body: { url, event_types: eventTypes } });
  if (answer.status !== 200) throw new Error(`Subscribing was answered ${answer.status}: ${answer.text}`);
  const subscription = subscriptionDetailSchema.parse(answer.body);
  return { ...subscription, secret: subscription.secret ?? "" };
}
