import { decideRetry } from "#core/retry";
import type { StreamFailure } from "#core/job";
import type { ActiveStream } from "#core/stream-state";
import { abortable } from "./abortable.ts";
import { failureOf } from "./failure-of.ts";
import type { SliceOutcome, SlicePorts } from "./ports.ts";
import { PageTurns } from "./page-turns.ts";
import { readStream } from "./read-stream.ts";
import { heldBack, sweepOrphans } from "./sweep-orphans.ts";

/**
 * Batches of orphans deleted in one slice. Counted, because the clock of a Worker stands still while it computes,
 * so the budget's milliseconds would not notice.
 */
const SWEEP_BATCHES = 20;

/**
 * Does a slice's worth of a job: lists the streams, reads their pages, deletes orphans, and says how to go on.
 * All progress is in `ports.state` when it returns, and whenever it is interrupted.
 */
export async function runSlice(ports: SlicePorts): Promise<SliceOutcome> {
  try {
    const streams = ports.state.streams();
    if (streams === null) {
      const planned = await planStreams(ports);
      if (planned !== "planned") return planned;
    }
    await readStreams(ports);
    return conclude(ports);
  } catch (error) {
    if (ports.signal.aborted) return { type: "stopped" };
    throw error;
  }
}

async function planStreams(ports: SlicePorts): Promise<SliceOutcome | "planned"> {
  const { attempts, retryAt, reason } = ports.state.planning();
  if (retryAt !== null && retryAt > ports.now()) return { type: "to_be_continued", wakeAt: retryAt, waiting: reason };
  try {
    const streams = await abortable(ports.source.streams(), ports.signal);
    return ports.state.plan(streams) ? "planned" : { type: "stopped" };
  } catch (error) {
    ports.signal.throwIfAborted();
    const failure = failureOf(error);
    const { deadlineAt } = ports;
    const decision = decideRetry({
      failure,
      attempts: attempts + 1,
      now: ports.now(),
      deadlineAt,
      random: ports.random(),
    });
    if (decision.type === "give_up") {
      const { category, message } = decision;
      return { type: "finished", failures: [{ stream: null, category, message }] };
    }
    const isRunning = ports.state.postponePlanning({
      attempts: attempts + 1,
      retryAt: decision.at,
      reason: failure.message,
      reasonKind: failure.kind,
    });
    return isRunning ? { type: "to_be_continued", wakeAt: decision.at, waiting: failure.message } : { type: "stopped" };
  }
}

/** Reads the streams that are due, some side by side. Bad credentials found by one stop the others. */
async function readStreams(ports: SlicePorts): Promise<void> {
  const due = [...activeStreams(ports)].filter(({ progress }) => progress.phase === "reading");
  const turns = new PageTurns(ports);
  const worker = async (): Promise<void> => {
    for (let stream = due.shift(); stream !== undefined; stream = due.shift()) {
      await readStream(ports, stream, turns);
      if (hasBadCredentials(activeStreams(ports))) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(ports.concurrency, due.length) }, worker));
}

function conclude(ports: SlicePorts): SliceOutcome {
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
function deleteOrphans(ports: SlicePorts, streams: readonly ActiveStream[]): SliceOutcome {
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

function activeStreams(ports: SlicePorts): readonly ActiveStream[] {
  return ports.state.streams() ?? [];
}

function hasBadCredentials(streams: readonly ActiveStream[]): boolean {
  return streams.some(({ progress }) => progress.failure?.category === "api_key_invalid");
}
