import { createSourceHttp, type SourceHttpOptions } from "#sources/http-client";

/** An HTTP client for sources that may call this machine; override what the test is about. */
export function testHttp(overrides: Partial<SourceHttpOptions> = {}) {
  return createSourceHttp({
    fetch: (url, init) => fetch(url, init),
    signal: new AbortController().signal,
    now: () => Date.now(),
    allowPrivate: true,
    secrets: [],
    maxResponseBytes: 8_000_000,
    requestTimeoutMs: 10_000,
    ...overrides,
  });
}
