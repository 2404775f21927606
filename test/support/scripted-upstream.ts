import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** A request as it arrived. */
export interface SeenRequest {
  /** How many came before it. */
  readonly index: number;
  readonly method: string;
  /** Absolute, with the query. */
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Resolves when it has been answered, or whoever sent it has hung up. */
  readonly over: Promise<void>;
}

/** What the upstream does with a request. Made by the functions below. */
export type Answer =
  | { readonly kind: "reset" }
  | { readonly kind: "stall" }
  | {
      readonly kind: "response";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string | Uint8Array;
      /** After the body: a proper end, a broken connection, silence, or the same body again for ever. */
      readonly ending: "end" | "reset" | "stall" | "repeat";
    };

export type Handler = (request: SeenRequest) => Answer | Promise<Answer>;

export interface ResponseParts {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An ordinary answer. */
export function text(body: string | Uint8Array, { status = 200, headers = {} }: ResponseParts = {}): Answer {
  return { kind: "response", status, headers, body, ending: "end" };
}

export function json(value: unknown, { status = 200, headers = {} }: ResponseParts = {}): Answer {
  return text(JSON.stringify(value), { status, headers: { "content-type": "application/json", ...headers } });
}

export function redirect(location: string, status = 302): Answer {
  return text("", { status, headers: { location } });
}

/** Breaks the connection instead of answering. */
export const reset: Answer = { kind: "reset" };

/** Never answers. */
export const stall: Answer = { kind: "stall" };

/** Begins to answer, then goes on as `ending` says. */
export function begin(
  body: string | Uint8Array,
  ending: "reset" | "stall" | "repeat",
  parts: ResponseParts = {},
): Answer {
  return { kind: "response", status: parts.status ?? 200, headers: parts.headers ?? {}, body, ending };
}

/** Gives these answers one after the other; the last one also to everything that follows. */
export function inTurn(...answers: readonly [Answer, ...Answer[]]): Handler {
  let next = 0;
  return () => {
    const answer = answers[Math.min(next, answers.length - 1)] ?? answers[0];
    next += 1;
    return answer;
  };
}

export interface ScriptedUpstream {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  /** Everything that arrived, in order. */
  readonly requests: readonly SeenRequest[];
  /** Answers differently from now on. */
  handle(handler: Handler): void;
  /** Resolves with the next request to arrive, when it has arrived; the way to act while a request is open. */
  nextRequest(): Promise<SeenRequest>;
  /** Breaks what is still open. */
  close(): Promise<void>;
}

/** An HTTP server on a free port of this machine that does what the handler says. */
export async function startUpstream(handler: Handler): Promise<ScriptedUpstream> {
  const requests: SeenRequest[] = [];
  let current = handler;
  let waiting: ((request: SeenRequest) => void)[] = [];
  let url = "";
  const server = createServer((incoming, outgoing) => {
    void respond(incoming, outgoing);
  });

  async function respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const over = new Promise<void>((resolve) => outgoing.once("close", resolve));
    const request = await see(incoming, over, { index: requests.length, base: url });
    requests.push(request);
    for (const resolve of waiting.splice(0)) resolve(request);
    try {
      perform(await current(request), outgoing);
    } catch (error) {
      // A handler that fails is a broken test: let the answer say so.
      perform(text(`The test's handler failed: ${String(error)}`, { status: 599 }), outgoing);
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The upstream has no port.");
  url = `http://127.0.0.1:${address.port}`;

  return {
    url,
    requests,
    handle: (next) => {
      current = next;
    },
    nextRequest: () =>
      new Promise((resolve) => {
        waiting = [...waiting, resolve];
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function see(
  incoming: IncomingMessage,
  over: Promise<void>,
  { index, base }: { readonly index: number; readonly base: string },
): Promise<SeenRequest> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)] as const);
  return {
    index,
    method: incoming.method ?? "GET",
    url: new URL(incoming.url ?? "/", base),
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString("utf8"),
    over,
  };
}

function perform(answer: Answer, outgoing: ServerResponse): void {
  if (answer.kind === "reset") outgoing.destroy();
  if (answer.kind !== "response") return;
  outgoing.writeHead(answer.status, answer.headers);
  switch (answer.ending) {
    case "end":
      outgoing.end(answer.body);
      break;
    case "reset":
      outgoing.write(answer.body, () => outgoing.destroy());
      break;
    case "stall":
      outgoing.write(answer.body);
      break;
    case "repeat":
      repeat(answer.body, outgoing);
      break;
  }
}

/** Writes as fast as it is read, until the other side hangs up. */
function repeat(body: string | Uint8Array, outgoing: ServerResponse): void {
  const more = () => {
    while (!outgoing.destroyed && outgoing.write(body));
  };
  outgoing.on("drain", more);
  more();
}
