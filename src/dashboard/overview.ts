import type { OverviewItemBody } from "#http/schemas/source-connection";

export const SORTS = ["attention", "name", "newest", "entities", "last-sync"] as const;
export type Sort = (typeof SORTS)[number];

export const FILTERS = ["all", "trouble", "syncing", "healthy", "paused"] as const;
export type Filter = (typeof FILTERS)[number];

export interface OverviewRequest {
  readonly filter: Filter;
  /** Words that all have to be in a connection's name, source or collection. */
  readonly search: string;
  readonly sort: Sort;
}

/** Does nothing start by itself: because its owner paused it, or because the source refuses the credentials? */
export function isHeld({ status, is_paused: isPaused }: OverviewItemBody): boolean {
  return isPaused || status === "needs_reauth";
}

export function isOfFilter({ status, is_paused: isPaused }: OverviewItemBody, filter: Filter): boolean {
  if (filter === "all") return true;
  if (filter === "paused") return isPaused;
  if (filter === "trouble") return status === "error" || status === "needs_reauth";
  return filter === "syncing" ? status === "syncing" : status === "active" && !isPaused;
}

/** What a search looks at, in lower case. */
export function wordsOf({ name, short_name, readable_collection_id }: OverviewItemBody): string {
  return `${name} ${short_name} ${readable_collection_id}`.toLowerCase();
}

/** The connections that were asked for, in their order. */
export function overviewOf(connections: readonly OverviewItemBody[], request: OverviewRequest): OverviewItemBody[] {
  const words = request.search.toLowerCase().split(/\s+/).filter(Boolean);
  return connections
    .filter((each) => isOfFilter(each, request.filter) && words.every((word) => wordsOf(each).includes(word)))
    .toSorted(ORDER[request.sort]);
}

const URGENCY = { needs_reauth: 0, error: 1, syncing: 2, active: 3 } as const;

const byName = (left: OverviewItemBody, right: OverviewItemBody) => left.name.localeCompare(right.name, "en");
const lastSync = ({ recent_jobs: [newest] }: OverviewItemBody) => newest?.created_at ?? "";

const ORDER: Readonly<Record<Sort, (left: OverviewItemBody, right: OverviewItemBody) => number>> = {
  attention: (left, right) => URGENCY[left.status] - URGENCY[right.status] || byName(left, right),
  name: byName,
  newest: (left, right) => (left.created_at < right.created_at ? 1 : -1),
  entities: (left, right) => right.entity_count - left.entity_count || byName(left, right),
  "last-sync": (left, right) => (lastSync(left) < lastSync(right) ? 1 : -1),
};
