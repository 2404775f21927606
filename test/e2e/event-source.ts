/** A server-sent event as it arrived. */
export interface ReceivedEvent {
  readonly event: string;
  readonly id: string;
  readonly data: unknown;
}

/** How one connection went. */
export interface Connection {
  readonly status: number;
  /** The `Last-Event-ID` that it was opened with. */
  readonly lastEventId: string | null;
}

/**
 * What a browser's EventSource does, with a key: reads events by the rules of the HTML standard, and connects again with
 * `Last-Event-ID`, after the `retry` it was given, until it is told to stop by a status other than 200 or closed.
 */
export class EventSourceClient {
  readonly events: ReceivedEvent[] = [];
  readonly comments: string[] = [];
  readonly connections: Connection[] = [];
  readonly #url: string;
  readonly #key: string;
  readonly #closing = new AbortController();
  #lastEventId: string | null;
  #retryMs = 3_000;
  readonly stopped: Promise<void>;

  constructor(url: string, key: string, lastEventId: string | null = null) {
    this.#url = url;
    this.#key = key;
    this.#lastEventId = lastEventId;
    this.stopped = this.#run();
  }

  get lastEventId(): string | null {
    return this.#lastEventId;
  }

  of(name: string): ReceivedEvent[] {
    return this.events.filter(({ event }) => event === name);
  }

  close(): void {
    this.#closing.abort();
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const isOver = await this.#connect().catch(() => false);
      if (isOver || this.#closing.signal.aborted) return;
      await new Promise((resolve) => setTimeout(resolve, this.#retryMs));
    }
  }

  /** @returns whether the server said not to come again */
  async #connect(): Promise<boolean> {
    const lastEventId = this.#lastEventId;
    const response = await fetch(this.#url, {
      signal: this.#closing.signal,
      headers: {
        accept: "text/event-stream",
        authorization: `Bearer ${this.#key}`,
        ...(lastEventId === null ? {} : { "last-event-id": lastEventId }),
      },
    });
    this.connections.push({ status: response.status, lastEventId });
    if (response.status !== 200 || response.body === null) return true;
    let rest = "";
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + text).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) this.#take(block);
    }
    return false;
  }

  #take(block: string): void {
    let event = "message";
    let data: string | null = null;
    for (const line of block.split("\n")) {
      const colon = line.indexOf(":");
      const value = line.slice(colon + 1).replace(/^ /, "");
      if (colon === 0) this.comments.push(value);
      else if (line.startsWith("event:")) event = value;
      else if (line.startsWith("id:")) this.#lastEventId = value;
      else if (line.startsWith("retry:")) this.#retryMs = Number(value);
      else if (line.startsWith("data:")) data = data === null ? value : `${data}\n${value}`;
    }
    if (data !== null) this.events.push({ event, id: this.#lastEventId ?? "", data: JSON.parse(data) });
  }
}
