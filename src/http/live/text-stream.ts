/**
 * A stream of what `texts` yields, a text each time the client has taken the one before. `onEnd` is called once, when
 * the client has gone or the texts are at an end: whatever they wait for should end then.
 */
export function textStream(texts: AsyncGenerator<string, void>, onEnd: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await texts.next();
        if (done !== true) {
          controller.enqueue(encoder.encode(value));
          return;
        }
        onEnd();
        controller.close();
      },
      async cancel() {
        onEnd();
        await texts.return();
      },
    },
    // Nothing is asked for that the client has no room for.
    { highWaterMark: 0 },
  );
}
