import { decideRetry } from "#core/retry";
import type { ActiveStream } from "#core/stream-state";
import { CursorLost, SourceFailure, type Page } from "#sources/source";
import { applyPage } from "./apply-page.ts";
import { failureOf } from "./failure-of.ts";
import type { SlicePorts } from "./ports.ts";

/** Times a source may lose the cursor of one stream in one job: a second loss can be bad luck, a fourth is a loop. */
const RESTART_LIMIT = 3;

// What becomes of a page that was asked for. Each is one transaction, and gives the stream as stored afterwards; null
// once the job is not running any more.

/** What is asked of a slice to record it. */
type Ports = Pick<SlicePorts, "state" | "now" | "random" | "deadlineAt">;

/** The page came. */
export function commitPage(ports: Ports, stream: ActiveStream, page: Page): ActiveStream | null {
  return ports.state.commit(stream.name, (state, copy) => applyPage(copy, state, page, ports.now()));
}

/** It did not. The stream is read again later, from its beginning where its place is lost, or is given up. */
export function commitFailure(ports: Ports, stream: ActiveStream, error: unknown): ActiveStream | null {
  return error instanceof CursorLost ? restart(ports, stream, error) : recordFailure(ports, stream, error);
}

/** A source may stop after a page that says to resume later. Anywhere else, an end without `end` proves nothing. */
export function cutOff(stream: ActiveStream, ports: Pick<SlicePorts, "now">): ActiveStream {
  const { retryAt } = stream.progress;
  if (retryAt !== null && retryAt > ports.now()) return stream;
  throw new SourceFailure({ kind: "internal", message: "The source stopped before the end of the stream." });
}

function restart(ports: Ports, stream: ActiveStream, error: CursorLost): ActiveStream | null {
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
        isMixed: false,
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

function recordFailure(ports: Ports, stream: ActiveStream, error: unknown): ActiveStream | null {
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
