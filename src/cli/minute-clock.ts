import { setInterval as every } from "node:timers/promises";

const MINUTE_MS = 60_000;

/**
 * Does what Cloudflare's cron does and `wrangler dev` does not: lets the Worker at `address` look after its schedules
 * each minute. Call what it returns to end it.
 */
export function startMinuteClock(address: string, intervalMs = MINUTE_MS): () => Promise<void> {
  const end = new AbortController();
  const ticking = tick(`${address}/cdn-cgi/local/scheduled?cron=*+*+*+*+*`, intervalMs, end.signal);
  return async () => {
    end.abort();
    await ticking;
  };
}

async function tick(url: string, intervalMs: number, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of every(intervalMs, null, { signal })) {
      // The Worker may be restarting after a change of its source: the next minute does as well.
      const answer = await fetch(url, { signal }).catch(() => null);
      await answer?.text();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
