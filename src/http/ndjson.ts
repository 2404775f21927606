import type { JsonPage } from "#connection/rpc";

/**
 * Streams pages of JSON texts as NDJSON. `first` was read before the answer began, so that a refusal still has its
 * status; each further page is read when the client has taken the one before. A page that can't be read breaks the
 * stream off, which a client sees as a failed download, never as a short one.
 */
export function ndjsonStream(
  first: JsonPage,
  readPage: (cursor: string) => Promise<JsonPage>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let upcoming: { readonly page: JsonPage } | { readonly cursor: string } | null = { page: first };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        while (upcoming !== null) {
          const page: JsonPage = "page" in upcoming ? upcoming.page : await readPage(upcoming.cursor);
          upcoming = page.hasMore && page.nextCursor !== null ? { cursor: page.nextCursor } : null;
          if (page.items.length === 0) continue;
          controller.enqueue(encoder.encode(`${page.items.join("\n")}\n`));
          return;
        }
        controller.close();
      },
    },
    // Nothing is read ahead: memory holds one page, however slow the client is.
    { highWaterMark: 0 },
  );
}
