/** What is billed of a job. */
export interface Usage {
  readonly rowsWritten: number;
  readonly rowsRead: number;
  /** Calls of objects: alarms, and the call that started it. */
  readonly objectRequests: number;
  /** Seconds in which an object is in memory for it. */
  readonly objectSeconds: number;
}

/** Dollars on the paid plan once what it includes is used up (Cloudflare's pricing pages). */
const PRICES = {
  rowsWritten: 1 / 1e6,
  rowsRead: 0.001 / 1e6,
  objectRequests: 0.15 / 1e6,
  /** 128 MB, at $12.50 a million GB-seconds. */
  objectSeconds: (12.5 * 0.128) / 1e6,
} satisfies Record<keyof Usage, number>;

export function dollarsFor(usage: Usage): number {
  return (
    usage.rowsWritten * PRICES.rowsWritten +
    usage.rowsRead * PRICES.rowsRead +
    usage.objectRequests * PRICES.objectRequests +
    usage.objectSeconds * PRICES.objectSeconds
  );
}

/** The usage of as many entities as `of`, for a million. */
export function perMillion(usage: Usage, of: number): Usage {
  const scale = 1e6 / of;
  return {
    rowsWritten: usage.rowsWritten * scale,
    rowsRead: usage.rowsRead * scale,
    objectRequests: usage.objectRequests * scale,
    objectSeconds: usage.objectSeconds * scale,
  };
}
