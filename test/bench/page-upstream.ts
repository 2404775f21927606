import { Buffer } from "node:buffer";
import { createServer } from "node:http";

export interface PageUpstream {
  readonly address: string;
  close(): Promise<void>;
}

/** When the first record was changed; each next one a second later. */
const FIRST_CHANGE = Date.UTC(2026, 0, 1);

/**
 * Serves `pages` pages of `pageSize` records of about 300 B at `/records?after=PAGE`. The answers are rendered in
 * advance: the upstream is not what is measured.
 */
export async function servePages(pages: number, pageSize: number): Promise<PageUpstream> {
  const bodies = Array.from({ length: pages }, (_, page) =>
    Buffer.from(JSON.stringify(answerOf(page, pages, pageSize))),
  );
  const server = createServer((request, response) => {
    const after = new URL(request.url ?? "/", "http://upstream").searchParams.get("after");
    const body = bodies[Number(after ?? 0)];
    response.writeHead(body === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  return {
    address: `http://127.0.0.1:${typeof bound === "object" && bound !== null ? bound.port : 0}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answerOf(page: number, pages: number, pageSize: number) {
  return {
    records: Array.from({ length: pageSize }, (_, index) => recordOf(page * pageSize + index)),
    has_more: page + 1 < pages,
    // Null for readers that go by it alone; those of a manifest go by `has_more`.
    next: page + 1 < pages ? String(page + 1) : null,
  };
}

function recordOf(number: number) {
  const at = new Date(FIRST_CHANGE + number * 1_000).toISOString().replace(".000Z", "Z");
  return {
    id: `record-${String(number).padStart(8, "0")}`,
    status: number % 3 === 0 ? "open" : "paid",
    amount: number * 1.25,
    customer: { id: number % 977, email: `customer-${number % 977}@example.com` },
    tags: ["imported", `batch-${number % 50}`],
    note: "Left with the neighbour on the second floor; rang twice, nobody answered the door.",
    updated_at: at,
  };
}
