/** The media type of server-sent events, as the HTML standard has it (section 9.2). */
export const EVENT_STREAM = "text/event-stream";

export interface ServerSentEvent {
  readonly event: string;
  /** What a client that lost its connection sends back as `Last-Event-ID`. */
  readonly id: string;
  /** Sent as JSON, which has no line breaks that the format would have to split. */
  readonly data: unknown;
}

export function eventText({ event, id, data }: ServerSentEvent): string {
  return `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A line that clients ignore: it shows both ends, and what is between them, that the other one is there. */
export const HEARTBEAT = ": heartbeat\n\n";

/** How long a client waits before it connects again. */
export function retryText(milliseconds: number): string {
  return `retry: ${milliseconds}\n\n`;
}
