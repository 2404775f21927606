import { decideRetry } from "#core/retry";
import type { ActiveStream } from "#core/stream-state";
import { CursorLost, SourceFailure, type Page } from "#sources/source";
import { abortable } from "./abortable.ts";
import { applyPage } from "./apply-page.ts";
import { failureOf } from "./failure-of.ts";
import type { PageTurns } from "./page-turns.ts";
import type { SlicePorts } from "./ports.ts";

/** Times a source may lose the cursor of one stream in one job: a second loss can be bad luck, a fourth is a loop. */
const RESTART_LIMIT = 3;

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
      current = error instanceof CursorLost ? restart(ports, at, error) : recordFailure(ports, at, error);
    }
  }
  turns.leave(stream.name);
}

function isReadable({ progress }: ActiveStream, ports: SlicePorts): boolean {
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
  const applied = ports.state.commit(stream.name, (state, copy) => applyPage(copy, state, page, ports.now()));
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

/** A source may stop after a page that says to resume later. Anywhere else, an end without `end` proves nothing. */
function cutOff(stream: ActiveStream, ports: SlicePorts): ActiveStream {
  const { retryAt } = stream.progress;
  if (retryAt !== null && retryAt > ports.now()) return stream;
  throw new SourceFailure({ kind: "internal", message: "The source stopped before the end of the stream." });
}

function restart(ports: SlicePorts, stream: ActiveStream, error: CursorLost): ActiveStream | null {
  if (stream.progress.restarts >= RESTART_LIMIT) {
    const message = `The source lost its place ${RESTART_LIMIT} times in one sync. ${error.message}`;
    return recordFailure(ports, stream, new SourceFailure({ kind: "bad_response", message, final: true }));
  }
  return ports.state.commit(stream.name, (state, copy) => {
    copy.clearMarks(state.number);
    return {
      ...state,
      progress: {
        ...state.progress,
        full: true,
        cursor: null,
        checkpoint: null,
        isContinued: false,
        before: state.count,
        seen: 0,
        nameless: 0,
        // The pass sees again what was seen before.
        counts: { ...state.progress.counts, kept: 0, failed: 0 },
        rejections: [],
        restarts: state.progress.restarts + 1,
      },
    };
  });
}

function recordFailure(ports: SlicePorts, stream: ActiveStream, error: unknown): ActiveStream | null {
  const failure = failureOf(error);
  return ports.state.commit(stream.name, (state) => {
    const attempts = state.progress.attempts + 1;
    const { deadlineAt } = ports;
    const decision = decideRetry({ failure, attempts, now: ports.now(), deadlineAt, random: ports.random() });
    if (decision.type === "retry") {
      const { kind: reasonKind, message: reason } = failure;
      return { ...state, progress: { ...state.progress, attempts, retryAt: decision.at, reason, reasonKind } };
    }
    const { category, message } = decision;
    const reported = { stream: state.name, category, message };
    return { ...state, progress: { ...state.progress, attempts, phase: "failed", retryAt: null, failure: reported } };
  });
}
