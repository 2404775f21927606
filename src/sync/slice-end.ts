import { decideRetry } from "#core/retry";
import type { StreamFailure } from "#core/job";
import type { ActiveStream } from "#core/stream-state";
import { failureOf } from "./failure-of.ts";
import type { SliceOutcome, SlicePorts } from "./ports.ts";
import { heldBack, sweepOrphans } from "./sweep-orphans.ts";

/**
 * Batches of orphans deleted in one slice. Counted, because the clock of a Worker stands still while it computes,
 * so the budget's milliseconds would not notice.
 */
const SWEEP_BATCHES = 20;

/** What is asked of a slice to end it. */
type Ports = Pick<SlicePorts, "state" | "now" | "guard" | "deletesConfirmed">;

/** The streams could not be listed: they are asked for again later, or the job fails. */
export function planningFailed(
  ports: Pick<SlicePorts, "state" | "now" | "random" | "deadlineAt">,
  error: unknown,
): SliceOutcome {
  const failure = failureOf(error);
  const attempts = ports.state.planning().attempts + 1;
  const { deadlineAt } = ports;
  const decision = decideRetry({ failure, attempts, now: ports.now(), deadlineAt, random: ports.random() });
  if (decision.type === "give_up") {
    const { category, message } = decision;
    return { type: "finished", failures: [{ stream: null, category, message }] };
  }
  const { kind: reasonKind, message: reason } = failure;
  const isRunning = ports.state.postponePlanning({ attempts, retryAt: decision.at, reason, reasonKind });
  return isRunning ? { type: "to_be_continued", wakeAt: decision.at, waiting: reason } : { type: "stopped" };
}

/** The streams are read as far as they are to be: deletes orphans where all are done, and says how the job goes on. */
export function conclude(ports: Ports): SliceOutcome {
  const streams = activeStreams(ports);
  const failures = streams.flatMap(({ progress }) => (progress.failure === null ? [] : [progress.failure]));
  if (hasBadCredentials(streams)) return { type: "finished", failures };
  const reading = streams.filter(({ progress }) => progress.phase === "reading");
  if (reading.length > 0) return continueReading(reading, ports.now());
  // A job that fails deletes no orphans: the next one that does not will.
  if (failures.length > 0) return { type: "finished", failures };
  return deleteOrphans(ports, streams);
}

function continueReading(reading: readonly ActiveStream[], now: number): SliceOutcome {
  const dueAt = ({ progress }: ActiveStream) => Math.max(progress.retryAt ?? now, now);
  const first = reading.reduce((a, b) => (dueAt(b) < dueAt(a) ? b : a));
  const wakeAt = dueAt(first);
  return { type: "to_be_continued", wakeAt, waiting: wakeAt > now ? first.progress.reason : null };
}

/** No stream's orphans go if one stream's are held back: the job fails, and a failed job deletes none. */
function deleteOrphans(ports: Ports, streams: readonly ActiveStream[]): SliceOutcome {
  const swept = streams.filter(({ progress }) => progress.phase === "read");
  const held: StreamFailure[] = swept
    .filter(({ progress }) => !ports.deletesConfirmed && progress.sweptTo === null)
    .flatMap((stream) => heldBack(stream, ports.guard) ?? []);
  if (held.length > 0) return { type: "finished", failures: held };
  let batches = 0;
  for (const { name } of swept) {
    for (let isSwept = false; !isSwept; batches += 1) {
      if (batches === SWEEP_BATCHES) return { type: "to_be_continued", wakeAt: ports.now(), waiting: null };
      const state = ports.state.commit(name, (stream, copy) => sweepOrphans(copy, stream, ports.now()));
      if (state === null) return { type: "stopped" };
      isSwept = state.progress.phase === "done";
    }
  }
  return { type: "finished", failures: [] };
}

export function activeStreams(ports: Pick<SlicePorts, "state">): readonly ActiveStream[] {
  return ports.state.streams() ?? [];
}

export function hasBadCredentials(streams: readonly ActiveStream[]): boolean {
  return streams.some(({ progress }) => progress.failure?.category === "api_key_invalid");
}
