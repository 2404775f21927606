import type { Json } from "#core/json";
import type { End, OpenSource, Page, ReadRequest } from "#sources/source";

/** A read to its end, or to where it stopped. */
export interface Reading {
  readonly pages: readonly Page[];
  readonly records: readonly unknown[];
  readonly end: End | null;
}

/** Reads a stream's pages, in memory, as a job without interruptions would. */
export async function readStream(
  source: OpenSource,
  stream: string,
  from: Partial<Pick<ReadRequest, "cursor" | "checkpoint">> = {},
): Promise<Reading> {
  const pages: Page[] = [];
  for await (const page of source.read({ stream, cursor: from.cursor ?? null, checkpoint: from.checkpoint ?? null })) {
    pages.push(page);
  }
  return { pages, records: pages.flatMap(({ records }) => records), end: pages.at(-1)?.end ?? null };
}

/** The value of a record's field, for tests that know it is there. */
export function fieldOf(record: unknown, name: string): unknown {
  if (typeof record !== "object" || record === null) throw new TypeError("not a record");
  return Object.entries(record).find(([field]) => field === name)?.[1];
}

/** What a later job continues from. Throws where the read did not reach its end. */
export function cursorOf({ end }: Reading): Json {
  if (end === null) throw new Error("the read has no end");
  // Through JSON, as storage does it.
  return JSON.parse(JSON.stringify(end.cursor));
}
