import { expect, test } from "vitest";

import { serverSentEvents } from "#cli/event-stream";
import { Unreachable } from "#cli/refused";

function bodyOf(parts: readonly string[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(encoder.encode(part));
      controller.close();
    },
  });
}

test("events are whole however the body comes, comments are none, and an id stays until the next", async () => {
  const text =
    'retry: 1000\n\n: heartbeat\n\nevent: log\nid: 7\ndata: {"a":\ndata: 1}\n\ndata:x\n\nevent: cut\ndata: off';
  for (const parts of [[text], text.split(/(?<=\n)/), Array.from(text)]) {
    expect(await Array.fromAsync(serverSentEvents(bodyOf(parts)))).toEqual([
      { event: "log", id: "7", data: '{"a":\n1}' },
      { event: "message", id: "7", data: "x" },
    ]);
  }
});

test("a body that breaks off is told from one that ends", async () => {
  const broken = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("data: 1\n\n"));
    },
    pull(controller) {
      controller.error(new TypeError("terminated"));
    },
  });
  await expect(Array.fromAsync(serverSentEvents(broken))).rejects.toBeInstanceOf(Unreachable);
});
