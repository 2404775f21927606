import { createServer } from "node:http";

import { type Finding, median } from "./finding.ts";
import type { Stage } from "./stage.ts";

/** Published at once, as by a busy connection that was out of reach for a while. */
const BATCH = 500;

/**
 * Events a second from being published to being taken by a receiver, each signed, recorded and sent in a request of its
 * own, beside the rate at which an object does nothing but send the same requests, as many at a time.
 */
export async function measureEventRate(stage: Stage, events: number, rounds: number): Promise<Finding> {
  const receiver = await listen();
  try {
    await stage.post("/events/subscribe", { url: receiver.address });
    const [rates, bareRates]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      bareRates.push(
        await receiver.rateOf(events, () => stage.post("/bare/events/send", { url: receiver.address, count: events })),
      );
      rates.push(
        await receiver.rateOf(events, async () => {
          for (let sent = 0; sent < events; sent += BATCH) {
            await stage.post("/events/publish", { count: Math.min(BATCH, events - sent), from: sent });
          }
        }),
      );
    }
    const [delivered, bare] = [median(rates), median(bareRates)];
    return {
      name: "events delivered / bare requests",
      value: delivered / bare,
      target: { atLeast: 0.1 },
      from: `${Math.round(delivered)}/s / ${Math.round(bare)}/s, medians of ${rounds} × ${events} events`,
    };
  } finally {
    await receiver.close();
  }
}

interface CountingReceiver {
  readonly address: string;
  /** Requests a second, from the beginning of `send` to the arrival of the last of `count` requests. */
  rateOf(count: number, send: () => Promise<unknown>): Promise<number>;
  close(): Promise<void>;
}

async function listen(): Promise<CountingReceiver> {
  let remaining = 0;
  let onLast: (() => void) | null = null;
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      response.end();
      if (request.method !== "POST") return;
      remaining -= 1;
      if (remaining === 0) onLast?.();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  return {
    address: `http://127.0.0.1:${typeof bound === "object" && bound !== null ? bound.port : 0}/`,
    async rateOf(count, send) {
      const last = new Promise<void>((resolve) => (onLast = resolve));
      remaining = count;
      const start = performance.now();
      await Promise.all([send(), last]);
      return count / ((performance.now() - start) / 1000);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
