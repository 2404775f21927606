import { once } from "node:events";
import { request } from "node:http";
import { text as textOf } from "node:stream/consumers";

/** A request as its bytes should go over the wire, however wrong. */
export interface RawRequest {
  readonly method: string;
  /** With the query, percent-encoded or not: it is sent as it is. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Uint8Array;
  /** Sent in chunks without a content-length, so that nobody knows beforehand how long it is. */
  readonly chunked?: boolean;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Sends what `fetch` would refuse to send, or would mend. */
export async function sendRaw(address: string, raw: RawRequest): Promise<RawAnswer> {
  const { method, path, headers = {}, body, chunked = false } = raw;
  const { hostname, port } = new URL(address);
  const length: Record<string, string> =
    body === undefined || chunked ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const outgoing = request({ hostname, port, method, path, headers: { ...headers, ...length }, agent: false });
  // A server that has seen enough may hang up while the body is still being sent.
  outgoing.on("error", () => undefined);
  const answered = once(outgoing, "response");
  outgoing.end(body);
  const [incoming] = await answered;
  const answer: { status: number; headers: Record<string, string> } = {
    status: incoming.statusCode,
    headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
  };
  return { ...answer, text: await textOf(incoming) };
}
