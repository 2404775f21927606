/** A place in a connection's change feed: the entry to go on with, and how many of its keys have been told. */
export interface FeedPosition {
  readonly seq: number;
  readonly offset: number;
}

export const FEED_START: FeedPosition = { seq: 1, offset: 0 };

/** What a reader keeps. Names the feed, so that a cursor of another one is noticed. */
export function formatFeedCursor(feedId: string, { seq, offset }: FeedPosition): string {
  return `${feedId}.${seq}.${offset}`;
}

/** @returns null where the text is no cursor of this feed */
export function parseFeedCursor(feedId: string, text: string): FeedPosition | null {
  const match = /^([\w-]+)\.([1-9]\d{0,14})\.(0|[1-9]\d{0,8})$/.exec(text);
  if (match === null || match[1] !== feedId) return null;
  return { seq: Number(match[2]), offset: Number(match[3]) };
}
