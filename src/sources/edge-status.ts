/**
 * Statuses that Cloudflare's network answers a Worker with in the place of whoever was called, as its list of 5xx errors
 * has them, and what each says. On the network a `fetch` of a name that leads nowhere, or of a server whose certificate
 * has expired, does not throw: it gets one of these.
 */
const MEANING: ReadonlyMap<number, string> = new Map([
  [520, "closed the connection without an answer that could be read"],
  [521, "refused the connection"],
  [522, "could not be connected to in time"],
  [523, "can't be reached"],
  [524, "took the request, and did not answer in time"],
  [525, "failed at the TLS handshake"],
  [526, "has no valid TLS certificate, or one that nobody who is trusted has signed"],
  [530, "has a name that does not lead to an address"],
]);

/** Why there is no answer of its own of whoever was called, as a sentence about `who`; null where this may be one. */
export function noAnswerBehind(status: number, who: string): string | null {
  const meaning = MEANING.get(status);
  return meaning === undefined ? null : `${who} ${meaning}.`;
}
