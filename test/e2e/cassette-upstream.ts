import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import { bodyOf, CassettePlayer, comparable, type Exchange } from "#test/support/cassette";

/**
 * APIs on the loopback that answer from cassettes. A cassette's `https://api.example.com/x` is reached at
 * `http://127.0.0.1:PORT/NAME/api.example.com/x`; addresses in answers are rewritten the same way.
 */
export interface CassetteUpstream {
  /** Text of a manifest, config or record with its addresses leading here. */
  inward(name: string, text: string): string;
  /** And back. */
  outward(name: string, text: string): string;
  /** Each request gets the last exchange that fits, however often: for checks before the read. */
  rehearse(name: string, exchanges: readonly Exchange[]): void;
  /** From now on each exchange is played once; `remembers` as for the player. */
  play(name: string, exchanges: readonly Exchange[], remembers: boolean): CassettePlayer;
  close(): Promise<void>;
}

type Answering = (request: Parameters<CassettePlayer["answer"]>[0]) => Exchange | null;

export async function serveCassettes(): Promise<CassetteUpstream> {
  const players = new Map<string, Answering>();
  let address = "";
  const inward = (name: string, text: string) =>
    text.replaceAll("https://", `${address}/${name}/`).replaceAll("https:\\/\\/", `${address}/${name}/`);
  const outward = (name: string, text: string) => {
    const prefix = `${address}/${name}/`;
    return text
      .replaceAll(prefix, "https://")
      .replaceAll(encodeURIComponent(prefix), encodeURIComponent("https://"))
      .replaceAll(JSON.stringify(prefix).slice(1, -1), "https://");
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  address = `http://127.0.0.1:${typeof bound === "object" && bound !== null ? bound.port : 0}`;

  return {
    inward,
    outward,
    rehearse(name, exchanges) {
      players.set(
        name,
        (asked) => exchanges.findLast(({ request }) => comparable(request) === comparable(asked)) ?? null,
      );
    },
    play(name, exchanges, remembers) {
      const player = new CassettePlayer(exchanges, remembers);
      players.set(name, (asked) => player.answer(asked));
      return player;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const [, name = ""] = (request.url ?? "/").split("/");
    const headers = Object.fromEntries(
      Object.entries(request.headers).flatMap(([key, value]) =>
        typeof value === "string" ? [[key, outward(name, value)]] : [],
      ),
    );
    const exchange = players.get(name)?.({
      method: request.method ?? "GET",
      url: outward(name, `${address}${request.url ?? "/"}`),
      headers,
      body: chunks.length === 0 ? null : outward(name, Buffer.concat(chunks).toString("utf8")),
    });
    if (exchange === undefined || exchange === null) {
      response.writeHead(418).end("not on the cassette");
      return;
    }
    const { status, headers: answered, body } = exchange.response;
    const sent = Object.fromEntries(Object.entries(answered).map(([key, value]) => [key, inward(name, value)]));
    response.writeHead(status, sent);
    response.end(body === undefined ? bodyOf(exchange) : inward(name, body));
  }
}
