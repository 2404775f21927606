import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import { LOOPBACK } from "#cli/port";

export interface FlakyProxy {
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  /** What the server behind it answered, in order, lost answers included. */
  readonly statuses: readonly number[];
  /** Passes the next request on (without a body), but tells its client 503 instead of what was answered. */
  loseNextAnswer(): void;
  close(): Promise<void>;
}

/** What stands between clients and servers, and now and then loses an answer on the way back. */
export async function startProxy(target: string): Promise<FlakyProxy> {
  const statuses: number[] = [];
  let isLosing = false;
  const server = createServer((request, response) => void pass(request, response));

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const loses = isLosing;
    isLosing = false;
    const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    for (const name of ["host", "connection", "content-length"]) headers.delete(name);
    const answer = await fetch(target + (request.url ?? "/"), { method: request.method ?? "GET", headers });
    const body = await answer.text();
    statuses.push(answer.status);
    response.writeHead(loses ? 503 : answer.status, { "content-type": "application/json" });
    response.end(loses ? `{"detail":"The proxy lost it."}` : body);
  }

  server.listen(0, LOOPBACK);
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The proxy has no port.");
  return {
    address: `http://${LOOPBACK}:${address.port}`,
    statuses,
    loseNextAnswer: () => {
      isLosing = true;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
