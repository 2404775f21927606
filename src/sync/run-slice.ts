import { abortable } from "./abortable.ts";
import type { SliceOutcome, SlicePorts } from "./ports.ts";
import { PageTurns } from "./page-turns.ts";
import { readStream } from "./read-stream.ts";
import { activeStreams, conclude, hasBadCredentials, planningFailed } from "./slice-end.ts";

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
    // What it was broken off for may have taken the streams from the job: that they are all read is not so then.
    ports.signal.throwIfAborted();
    return conclude(ports);
  } catch (error) {
    if (ports.signal.aborted) return { type: "stopped" };
    throw error;
  }
}

async function planStreams(ports: SlicePorts): Promise<SliceOutcome | "planned"> {
  const { retryAt, reason } = ports.state.planning();
  if (retryAt !== null && retryAt > ports.now()) return { type: "to_be_continued", wakeAt: retryAt, waiting: reason };
  try {
    const streams = await abortable(ports.source.streams(), ports.signal);
    return ports.state.plan(streams) ? "planned" : { type: "stopped" };
  } catch (error) {
    ports.signal.throwIfAborted();
    return planningFailed(ports, error);
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
