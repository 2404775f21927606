import type { Json } from "#core/json";
import type { OpenSource, Page, ReadRequest, Stream } from "#sources/source";

/** More pages than any test has: a read that comes to this never ends. */
const PAGE_LIMIT = 10_000;

/** A clock that only moves when it is told to. Epoch milliseconds. */
export interface TestClock {
  now: number;
}

/**
 * Reads a stream as a job does: page after page, and anew from the last checkpoint whenever the source asks to wait,
 * at the time it asked for. Stops where the source stops without asking.
 */
export async function readPages(
  source: OpenSource,
  request: Pick<ReadRequest, "stream"> & Partial<ReadRequest>,
  clock: TestClock = { now: 0 },
): Promise<Page[]> {
  const pages: Page[] = [];
  let checkpoint: Json = request.checkpoint ?? null;
  for (let waits = true; waits;) {
    waits = false;
    for await (const page of source.read({ stream: request.stream, cursor: request.cursor ?? null, checkpoint })) {
      pages.push(page);
      if (pages.length > PAGE_LIMIT) throw new Error(`The stream "${request.stream}" goes on for ever.`);
      checkpoint = page.checkpoint;
      if (page.resumeAt !== undefined && page.end === null) {
        clock.now = Math.max(clock.now, page.resumeAt);
        waits = true;
        break;
      }
    }
  }
  return pages;
}

/** The copy that these pages leave, by entity id, on top of an earlier one. */
export function copyOf(stream: Stream, pages: readonly Page[], before: ReadonlyMap<string, unknown> = new Map()) {
  const copy = new Map(before);
  for (const { records, tombstones } of pages) {
    for (const id of tombstones) copy.delete(id);
    for (const record of records) copy.set(entityIdOf(stream, record), record);
  }
  return copy;
}

/** Throws where a part of the primary key is missing. */
export function entityIdOf({ primaryKey }: Stream, record: unknown): string {
  if (primaryKey === null) return JSON.stringify(record);
  const parts = primaryKey.map((path) => path.reduce(memberOf, record));
  if (parts.some((part) => part === undefined || part === null)) {
    throw new Error(`A record has no primary key: ${JSON.stringify(record)}`);
  }
  return parts.length === 1 ? String(parts[0]) : JSON.stringify(parts);
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
