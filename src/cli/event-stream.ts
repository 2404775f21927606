import { Unreachable } from "./refused.ts";

export interface ServerSentEvent {
  readonly event: string;
  /** What a client that connects again tells where it was. */
  readonly id: string;
  readonly data: string;
}

/**
 * The events of a body, by the rules of the HTML standard (section 9.2), as far as Sluice uses them: lines end with a
 * line feed. Throws Unreachable where the body breaks off; one that just ends is no failure.
 */
export async function* serverSentEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent, void> {
  let rest = "";
  let id = "";
  for await (const text of unbroken(body.pipeThrough(new TextDecoderStream()))) {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = fieldsOf(block);
      id = fields.get("id") ?? id;
      const data = fields.get("data");
      if (data !== undefined) yield { event: fields.get("event") ?? "message", id, data };
    }
  }
}

/** A comment has an empty name. */
function fieldsOf(block: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    const before = name === "data" ? fields.get(name) : undefined;
    fields.set(name, before === undefined ? value : `${before}\n${value}`);
  }
  return fields;
}

async function* unbroken(texts: ReadableStream<string>): AsyncGenerator<string, void> {
  try {
    yield* texts;
  } catch (error) {
    throw new Unreachable("The connection to Sluice broke off.", { cause: error });
  }
}
