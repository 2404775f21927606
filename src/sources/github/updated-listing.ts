import { z } from "zod";

import { pageLoopWatchSchema, watchPageLoop } from "#sources/page-loop";
import { badListing } from "./bad-listing.ts";
import type { GithubClient, ListingPage } from "./client.ts";
import { earliest, type Instant, latest, plusSeconds, updatedAt } from "./instant.ts";
import { NOTHING_READ, OVERLAP_SECONDS, type RepositoryCursor, type Step } from "./state.ts";

/**
 * Reads a listing that can be sorted by `updated_at` and cut off with `since`: issues and both kinds of comments.
 *
 * Page numbers alone would lose records. A record that is changed while the listing is read moves to its end, all
 * behind it move up by one, and the first of the next page is now the last of the one already read. So the place in
 * the listing is a time: the next request asks for what changed since the end of the last page.
 *
 * That fails where more records than a page holds carry the same second. Through these the pages' links lead forward
 * to the page where time goes on, and then back to the first: records only ever move up, so none can slip past a
 * reader who walks towards the beginning.
 */
export interface UpdatedListing {
  /** Below `/repos/{owner}/{name}`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

export const updatedPositionSchema = z.object({
  /** Of the pages at work; null for all there is. */
  since: z.string().nullable(),
  /** A page that a link led to; null for the first one since `since`. */
  address: z.string().nullable(),
  pageSize: z.int(),
  watermark: z.string().nullable(),
  /** On the way back: where to go on after the first page. */
  onward: z.string().nullable(),
  loop: pageLoopWatchSchema.nullable(),
});
export type UpdatedPosition = z.infer<typeof updatedPositionSchema>;

export interface StepRequest<Position> {
  readonly client: GithubClient;
  readonly repository: string;
  readonly pageSize: number;
  /** Where an earlier job ended with this repository; null if it is new. */
  readonly cursor: RepositoryCursor | null;
  /** Where the last step of this job ended; null at the beginning. */
  readonly position: Position | null;
}

export async function stepUpdatedListing(
  listing: UpdatedListing,
  { client, repository, pageSize, cursor, position }: StepRequest<UpdatedPosition>,
): Promise<Step<UpdatedPosition>> {
  const at = position ?? beginning(cursor, pageSize);
  const address = at.address ?? firstPage(at);
  const answer = await client.list({
    address,
    etag: position === null ? (cursor?.etag ?? null) : null,
    backwards: at.onward !== null,
  });
  if (answer.kind !== "page") return { records: [], position: null, ended: cursor ?? NOTHING_READ };

  const instants = answer.items.map(updatedAt);
  if (answer.next !== null && instants.length === 0) throw badListing(address, "has an empty page before its end");
  verifyOrder(address, instants, at.since);
  const seen = { ...at, pageSize: answer.pageSize, watermark: latest([at.watermark, ...instants]) };
  const next = nextPosition(seen, answer, instants);
  if (next !== null) return { records: answer.items, position: next, ended: null };
  return { records: answer.items, position: null, ended: cursorAfter(seen, answer) };

  function firstPage({ since, pageSize: size }: UpdatedPosition): string {
    return client.address(`/repos/${repository}${listing.path}`, {
      ...listing.query,
      sort: "updated",
      direction: "asc",
      ...(since === null ? {} : { since }),
      per_page: String(size),
    });
  }
}

function beginning(cursor: RepositoryCursor | null, pageSize: number): UpdatedPosition {
  const watermark = cursor?.watermark ?? null;
  return { since: startAfter(watermark), address: null, pageSize, watermark, onward: null, loop: null };
}

function startAfter(watermark: Instant | null): Instant | null {
  return watermark === null ? null : plusSeconds(watermark, -OVERLAP_SECONDS);
}

/** Null at the end of the listing. */
function nextPosition(
  at: UpdatedPosition,
  page: ListingPage,
  instants: readonly (Instant | null)[],
): UpdatedPosition | null {
  if (at.onward !== null) return page.previous === null ? afterWayBack(at, at.onward) : follow(at, page.previous);

  const end = endOfPage(instants);
  const advanced = end !== null && (at.since === null || end > at.since);
  if (at.address === null) {
    if (page.next === null) return null;
    return advanced ? { ...at, since: end } : follow(at, page.next);
  }
  if (page.next !== null && !advanced) return follow(at, page.next);
  const onward = advanced ? end : at.since;
  if (onward === null) return null;
  return page.previous === null ? afterWayBack(at, onward) : follow({ ...at, onward, loop: null }, page.previous);
}

/** All of the crowded second is read. One second later is safe, and certain to get ahead. */
function afterWayBack(at: UpdatedPosition, onward: Instant): UpdatedPosition {
  const since = at.since === null ? onward : latest([onward, plusSeconds(at.since, 1)]);
  return { ...at, since, address: null, onward: null, loop: null };
}

function follow(at: UpdatedPosition, address: string): UpdatedPosition {
  const loop = watchPageLoop(at.loop, address);
  if (loop !== null) return { ...at, address, loop };
  throw badListing(address, "leads in circles from page to page");
}

/**
 * The time from which to go on. Documentation says "after" of `since`, the servers include it: a second less is right
 * for both. A record that was changed between being sorted and being written out carries a later time than its place
 * in the listing; with the earlier one of the last two records, one such record can't make the reader jump.
 */
function endOfPage(instants: readonly (Instant | null)[]): Instant | null {
  const end = earliest(instants.slice(-2));
  return end === null ? null : plusSeconds(end, -1);
}

/** An ETag belongs to an address: it is kept where the next read begins with the request that this one ended with. */
function cursorAfter(at: UpdatedPosition, page: ListingPage): RepositoryCursor {
  return { watermark: at.watermark, etag: at.since === startAfter(at.watermark) ? page.etag : null };
}

/** A server that ignores `sort` or `since` would make the reader skip records, so it is not believed. */
function verifyOrder(address: string, instants: readonly (Instant | null)[], since: Instant | null): void {
  if (instants.length > 0 && latest(instants) === null) throw badListing(address, "has records without updated_at");
  const first = earliest(instants.slice(0, 2));
  const last = latest(instants.slice(-2));
  if (first !== null && last !== null && first > last) throw badListing(address, "is not in the order asked for");
  const oldest = earliest(instants);
  if (since !== null && oldest !== null && oldest < since)
    throw badListing(address, "has records older than asked for");
}
