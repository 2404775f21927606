export interface TimeLimit {
  /** Its abort ends the work at once, with its reason. Without one nothing but the time does. */
  readonly signal?: AbortSignal;
  readonly milliseconds: number;
  /** What the work is rejected with when the time is up. */
  readonly timedOut: () => Error;
}

/**
 * Does the work until it is done, the signal aborts, or the time is up. The work gets a signal of its own that tells it
 * to stop; whether it listens or not, the answer comes at once.
 */
export async function withinTimeLimit<T>(limit: TimeLimit, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal } = limit;
  signal?.throwIfAborted();
  // Two listeners and no AbortSignal.any: the signal lives for many requests and must not collect dependents.
  const inner = new AbortController();
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = (reason: unknown) => {
    reject(reason);
    inner.abort(reason);
  };
  const onAbort = () => stop(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  // Not AbortSignal.timeout: that timer runs on after the work is done, and a pending timer keeps an object billed.
  const timer = setTimeout(() => stop(limit.timedOut()), limit.milliseconds);
  try {
    return await Promise.race([stopped, work(inner.signal)]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
    clearTimeout(timer);
  }
}
