import { Refused } from "#core/errors";

export interface RateLimit {
  readonly requests: number;
  readonly windowMs: number;
}

export interface Allowance {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Epoch milliseconds at which the window ends. */
  readonly resetAt: number;
}

/** About 1 MB of counters. When there are more callers at a time, the ones that began longest ago start afresh. */
const MAX_CALLERS = 10_000;

interface Window {
  readonly startedAt: number;
  count: number;
}

/**
 * Counts requests of each caller in fixed windows. The counters live in the isolate's memory: they cost nothing, but
 * each isolate (and so each location) counts for itself, and a restart forgets. It tames runaway clients; it is no quota.
 */
export class RateLimiter {
  /** In the order in which the windows began, since a new window is always put at the end. */
  readonly #windows = new Map<string, Window>();

  /** Counts one request at `now` (epoch milliseconds) unless the caller has none left. */
  take(caller: string, limit: RateLimit, now: number): Allowance {
    const seen = this.#current(caller, limit, now);
    const window = seen ?? { startedAt: now, count: 0 };
    if (seen === null) this.#begin(caller, window);
    const allowed = window.count < limit.requests;
    if (allowed) window.count += 1;
    return allowance(allowed, window, limit);
  }

  /** What `take` would say, without counting. */
  peek(caller: string, limit: RateLimit, now: number): Allowance {
    const window = this.#current(caller, limit, now) ?? { startedAt: now, count: 0 };
    return allowance(window.count < limit.requests, window, limit);
  }

  #current(caller: string, limit: RateLimit, now: number): Window | null {
    const window = this.#windows.get(caller);
    return window === undefined || now >= window.startedAt + limit.windowMs ? null : window;
  }

  #begin(caller: string, window: Window): void {
    this.#windows.delete(caller);
    if (this.#windows.size >= MAX_CALLERS) {
      const [oldest] = this.#windows.keys();
      if (oldest !== undefined) this.#windows.delete(oldest);
    }
    this.#windows.set(caller, window);
  }
}

function allowance(allowed: boolean, window: Window, limit: RateLimit): Allowance {
  const remaining = Math.max(0, limit.requests - window.count);
  return { allowed, limit: limit.requests, remaining, resetAt: window.startedAt + limit.windowMs };
}

/** The refusal of a request that is one too many. `now` in epoch milliseconds. */
export function tooMany({ resetAt }: Allowance, now: number, reason: string): Refused {
  const retryAfterSeconds = Math.max(1, Math.ceil((resetAt - now) / 1000));
  return new Refused({
    code: "rate_limited",
    message: `Rate limit exceeded. Please retry after ${retryAfterSeconds} seconds. ${reason}`,
    retryAfterSeconds,
  });
}
