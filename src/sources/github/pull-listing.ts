import { z } from "zod";

import { pageLoopWatchSchema, watchPageLoop } from "#sources/page-loop";
import { badListing } from "./bad-listing.ts";
import type { ListingPage } from "./client.ts";
import { earliest, latest, plusSeconds, updatedAt } from "./instant.ts";
import { NOTHING_READ, OVERLAP_SECONDS, type RepositoryCursor, type Step } from "./state.ts";
import type { StepRequest } from "./updated-listing.ts";

/**
 * Reads the pull requests of a repository, whose listing knows no `since`.
 *
 * All of them are read in the order of their creation, which never changes, as pull requests can't be deleted. The
 * watermark is asked for before that, so that whatever changes meanwhile is read again by the next job.
 *
 * What changed is read from the newest change back to the watermark. A pull request that changes meanwhile moves to
 * the front, with all before its old place moving towards the reader: none can slip past, and the next job sees it.
 */
export const pullPositionSchema = z.object({
  /** The next page; null before the first one of all pull requests. */
  address: z.string().nullable(),
  /** The newest change when the read began. */
  watermark: z.string().nullable(),
  etag: z.string().nullable(),
  loop: pageLoopWatchSchema.nullable(),
});
export type PullPosition = z.infer<typeof pullPositionSchema>;

const ALL = { state: "all", sort: "created", direction: "asc" };
const NEWEST_CHANGE_FIRST = { state: "all", sort: "updated", direction: "desc" };

export async function stepPullListing(request: StepRequest<PullPosition>): Promise<Step<PullPosition>> {
  const { cursor, position } = request;
  if (cursor !== null && cursor.watermark !== null) return stepChanges(request, cursor, cursor.watermark);
  return position === null ? takeWatermark(request) : stepAll(request, position);
}

async function takeWatermark(request: StepRequest<PullPosition>): Promise<Step<PullPosition>> {
  const address = addressOf(request, { ...NEWEST_CHANGE_FIRST, per_page: "1" });
  const answer = await request.client.list({ address });
  if (answer.kind !== "page" || answer.items.length === 0) return { records: [], position: null, ended: NOTHING_READ };
  const watermark = latest(answer.items.map(updatedAt));
  if (watermark === null) throw badListing(address, "has records without updated_at");
  return { records: [], position: { address: null, watermark, etag: null, loop: null }, ended: null };
}

async function stepAll(request: StepRequest<PullPosition>, position: PullPosition): Promise<Step<PullPosition>> {
  const address = position.address ?? addressOf(request, { ...ALL, per_page: String(request.pageSize) });
  const answer = await request.client.list({ address });
  const ended = { watermark: position.watermark, etag: null };
  if (answer.kind !== "page") return { records: [], position: null, ended };
  if (answer.next === null) return { records: answer.items, position: null, ended };
  return { records: answer.items, position: follow(position, answer.next), ended: null };
}

async function stepChanges(
  request: StepRequest<PullPosition>,
  cursor: RepositoryCursor,
  lastWatermark: string,
): Promise<Step<PullPosition>> {
  const { client, position, pageSize } = request;
  const address = position?.address ?? addressOf(request, { ...NEWEST_CHANGE_FIRST, per_page: String(pageSize) });
  const answer = await client.list({ address, etag: position === null ? cursor.etag : null });
  if (answer.kind !== "page") return { records: [], position: null, ended: cursor };

  const at = position ?? beginning(answer, lastWatermark);
  const reached = reachedBack(address, answer, plusSeconds(lastWatermark, -OVERLAP_SECONDS));
  if (answer.next !== null && !reached) {
    return { records: answer.items, position: follow(at, answer.next), ended: null };
  }
  return { records: answer.items, position: null, ended: { watermark: at.watermark, etag: at.etag } };
}

/** The first page changes whenever anything does, so its ETag stands for the whole listing. */
function beginning(firstPage: ListingPage, lastWatermark: string): PullPosition {
  const watermark = latest([lastWatermark, ...firstPage.items.map(updatedAt)]);
  return { address: null, watermark, etag: firstPage.etag, loop: null };
}

/** Does the page hold a change older than `until`? Throws where the page is in another order than asked for. */
function reachedBack(address: string, { items }: ListingPage, until: string): boolean {
  const instants = items.map(updatedAt);
  if (instants.length > 0 && latest(instants) === null) throw badListing(address, "has records without updated_at");
  const newest = latest(instants.slice(0, 2));
  const oldest = earliest(instants.slice(-2));
  if (newest !== null && oldest !== null && newest < oldest) throw badListing(address, "is not in the order asked for");
  return instants.some((instant) => instant !== null && instant < until);
}

function addressOf({ client, repository }: StepRequest<PullPosition>, query: Readonly<Record<string, string>>): string {
  return client.address(`/repos/${repository}/pulls`, query);
}

function follow(position: PullPosition, address: string): PullPosition {
  const loop = watchPageLoop(position.loop, address);
  if (loop !== null) return { ...position, address, loop };
  throw badListing(address, "leads in circles from page to page");
}
