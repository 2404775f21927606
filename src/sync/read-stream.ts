import type { ActiveStream } from "#core/stream-state";
import type { Page } from "#sources/source";
import { abortable } from "./abortable.ts";
import { commitFailure, commitPage, cutOff } from "./page-outcome.ts";
import type { PageTurns } from "./page-turns.ts";
import type { SlicePorts } from "./ports.ts";

/**
 * Reads one stream page by page until it ends, fails, has to wait, or the slice's budget is spent. The next page is
 * being fetched while the last one is applied, unless pages are too large for that.
 *
 * Everything that happens is in the stream's stored state afterwards. Throws only the abort reason.
 */
export async function readStream(ports: SlicePorts, stream: ActiveStream, turns: PageTurns): Promise<void> {
  let current: ActiveStream | null = stream;
  while (current !== null && isReadable(current, ports) && turns.isOpen(current.name)) {
    // What it was broken off for may have moved the stream's place.
    ports.signal.throwIfAborted();
    const at: ActiveStream = current;
    try {
      current = await readPages(ports, at, turns);
    } catch (error) {
      ports.signal.throwIfAborted();
      current = commitFailure(ports, at, error);
    }
  }
  turns.leave(stream.name);
}

/** Is there a page of it to be asked for at this moment? */
export function isReadable({ progress }: ActiveStream, ports: Pick<SlicePorts, "now">): boolean {
  const isDue = progress.retryAt === null || progress.retryAt <= ports.now();
  return progress.phase === "reading" && isDue;
}

async function readPages(ports: SlicePorts, stream: ActiveStream, turns: PageTurns): Promise<ActiveStream | null> {
  const { cursor, checkpoint, attempts } = stream.progress;
  const pages = ports.source.read({ stream: stream.name, cursor, checkpoint, attempts })[Symbol.asyncIterator]();
  let current: ActiveStream | null = stream;
  let next: NextPage = fetchPage(pages, turns, stream.name);
  try {
    while (current !== null && next !== null) [current, next] = await takePage(ports, current, next, pages, turns);
    return current;
  } finally {
    // Not awaited: a source that hangs in its own clean-up must not hold the slice.
    pages.return?.().catch(() => undefined);
  }
}

/**
 * Applies a page once it is there, and asks for the one after it where there is to be one. A function of its own, so
 * that nothing holds on to the page while the next one arrives.
 */
async function takePage(
  ports: SlicePorts,
  stream: ActiveStream,
  arriving: Promise<IteratorResult<Page>>,
  pages: AsyncIterator<Page>,
  turns: PageTurns,
): Promise<[ActiveStream | null, NextPage]> {
  const result: IteratorResult<Page> = await abortable(arriving, ports.signal);
  if (result.done === true) return [cutOff(stream, ports), null];
  turns.arrived();
  const page: Page = result.value;
  const isWaiting = page.resumeAt !== undefined && page.resumeAt > ports.now();
  const goesOn = ports.prefetches && page.end === null && !isWaiting && turns.isOpen(stream.name);
  const early = goesOn && turns.pagesAreLight() ? fetchPage(pages, turns, stream.name) : null;
  const applied = commitPage(ports, stream, page);
  if (applied === null || !goesOn) return [applied, null];
  return [applied, early ?? fetchPage(pages, turns, stream.name)];
}

type NextPage = Promise<IteratorResult<Page>> | null;

function fetchPage(pages: AsyncIterator<Page>, turns: PageTurns, stream: string): Promise<IteratorResult<Page>> {
  turns.took(stream);
  const page = pages.next();
  // Whoever awaits it sees the failure; where nobody does any more, it is of no interest.
  page.catch(() => undefined);
  return page;
}
