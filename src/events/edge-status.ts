/**
 * Statuses that Cloudflare's network answers a Worker with in the place of whoever was called, as its list of 5xx errors
 * has them, and what each says. On the network a `fetch` of a name that leads nowhere, or of a server whose certificate
 * has expired, does not throw: it gets one of these.
 */
const MEANING: ReadonlyMap<number, string> = new Map([
  [520, "The receiver closed the connection without an answer that could be read."],
  [521, "The receiver refused the connection."],
  [522, "The receiver could not be connected to in time."],
  [523, "The receiver can't be reached."],
  [524, "The receiver took the request, and did not answer in time."],
  [525, "The TLS handshake with the receiver failed."],
  [526, "The receiver's TLS certificate is not valid, or nobody who is trusted has signed it."],
  [530, "The receiver's name does not lead to an address."],
]);

/** Why there is no answer of the receiver's own; null where this status may be one. */
export function noAnswerBehind(status: number): string | null {
  return MEANING.get(status) ?? null;
}
