import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Watched, WatchRequest } from "#connection/rpc";
import { NO_COUNTS, type Job } from "#core/job";
import { jobProgress } from "#core/job-progress";
import type { LogEntry } from "#core/log-entry";
import { jobEvents } from "#http/live/job-events";
import { textStream } from "#http/live/text-stream";
import { parsePosition } from "#http/live/watch-position";
import { aJob, aStream, AT } from "#test/support/builders";

beforeEach(() => void vi.useFakeTimers({ now: AT }));
afterEach(() => void vi.useRealTimers());

const entry: LogEntry = { at: AT, type: "resumed", stream: null, message: "Goes on.", until: null };

function watched(version: number, job: Partial<Job> = {}, more: Partial<Watched> = {}): Watched {
  const counts = { ...NO_COUNTS, inserted: version };
  const now = aJob({ status: "RUNNING", startedAt: AT, version, counts, ...job });
  const streams = [aStream({ pages: version }), { ...aStream(), name: "other" }];
  return {
    progress: jobProgress(now, streams, 0, Date.now()),
    entries: [],
    logged: 0,
    logCursor: "0",
    isHeld: true,
    ...more,
  };
}

const ENDED = { status: "COMPLETED", completedAt: AT + 2_000 } as const;

/** Reads the stream as a client would, and keeps what it read. */
function client(first: Watched, watch: (seen: WatchRequest) => Promise<Watched | null>, lastEventId = "") {
  const gone = new AbortController();
  const calls: WatchRequest[] = [];
  const deps = {
    watch: (seen: WatchRequest) => {
      calls.push(seen);
      return watch(seen);
    },
    now: () => Date.now(),
    signal: gone.signal,
  };
  const stream = textStream(jobEvents(deps, first, parsePosition(lastEventId)), () => gone.abort());
  const texts: string[] = [];
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  const finished = (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      texts.push(value);
    }
  })();
  return { texts, calls, finished, reader, gone };
}

function names(texts: readonly string[]): string[] {
  return texts.flatMap((text) => /^event: (\w+)/.exec(text)?.[1] ?? (text.startsWith(":") ? ["heartbeat"] : []));
}

const never = () => new Promise<never>(() => undefined);

test("a snapshot comes first, then what changes and only that, then the end", async () => {
  const next = [watched(2), watched(2), watched(3, ENDED)];
  const { texts, finished } = client(watched(1), async () => next.shift() ?? null);
  await vi.runAllTimersAsync();
  await finished;
  expect(names(texts)).toEqual(["snapshot", "progress", "end"]);
  const streams = texts.map((text) => [...text.matchAll(/"stream":"(\w+)"/g)].map(([, name]) => name));
  expect(streams).toEqual([[], ["items", "other"], ["items"], ["items", "other"]]);
  expect(texts[0]).toBe("retry: 1000\n\n");
});

test("a job that has ended is a snapshot and its end, whose ids differ", async () => {
  const { texts, calls, finished } = client(watched(5, ENDED, { logged: 4 }), never);
  await finished;
  expect(names(texts)).toEqual(["snapshot", "end"]);
  expect(texts.map((text) => /^id: (.*)$/m.exec(text)?.[1])).toEqual([undefined, "0-4", `${ENDED.completedAt}-4`]);
  expect(calls).toEqual([]);
});

test("nobody is asked more than twice a second, however much happens", async () => {
  let version = 1;
  const { calls, reader } = client(watched(1), async () => watched((version += 1)));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(calls.length).toBeGreaterThanOrEqual(18);
  expect(calls.length).toBeLessThanOrEqual(20);
  await reader.cancel();
});

test("while nothing happens, and no call is held, the object is called less and less: hundreds of times an hour", async () => {
  const waiting = { until: AT + 3_600_000, reason: "Slow down." };
  const still = () => watched(1, { waiting }, { isHeld: false });
  const { calls, reader, texts } = client(still(), async () => still());
  await vi.advanceTimersByTimeAsync(299_000);
  expect(calls.length).toBeLessThan(35);
  expect(names(texts).slice(1)).not.toContain("progress");
  await reader.cancel();
});

test("what a job waits for being over soon, it is looked at right then", async () => {
  const waiting = { until: AT + 7_000, reason: "Slow down." };
  const at: number[] = [];
  const { reader } = client(watched(1, { waiting }, { isHeld: false }), async () => {
    at.push(Date.now() - AT);
    return watched(1, { waiting }, { isHeld: false });
  });
  await vi.advanceTimersByTimeAsync(8_000);
  expect(at.some((ms) => ms >= 7_000 && ms <= 7_600)).toBe(true);
  await reader.cancel();
});

test("a comment every fifteen seconds shows that the connection lives", async () => {
  const { texts, reader } = client(watched(1), never);
  await vi.advanceTimersByTimeAsync(46_000);
  expect(names(texts)).toEqual(["snapshot", "heartbeat", "heartbeat", "heartbeat"]);
  await reader.cancel();
});

test("it comes also where the object is looked at in between, and finds nothing new", async () => {
  const waiting = { until: AT + 3_600_000, reason: "Slow down." };
  const still = () => watched(1, { waiting }, { isHeld: false });
  const { calls, reader, texts } = client(still(), async () => still());
  await vi.advanceTimersByTimeAsync(61_000);
  expect(calls.length).toBeGreaterThan(5);
  expect(names(texts)).toEqual(["snapshot", "heartbeat", "heartbeat", "heartbeat", "heartbeat"]);
  await reader.cancel();
});

test("a client that goes leaves no timer and no further call behind", async () => {
  const { reader, calls, gone } = client(watched(1), async () => watched(1));
  await vi.advanceTimersByTimeAsync(5_000);
  const before = calls.length;
  await reader.cancel();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(gone.signal.aborted).toBe(true);
  expect(calls.length).toBe(before);
  expect(vi.getTimerCount()).toBe(0);
});

test("looks leave no timers behind, however many they are", async () => {
  const { reader } = client(watched(1), async () => watched(1));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(vi.getTimerCount()).toBeLessThanOrEqual(2);
  await reader.cancel();
});

test("one that goes while a call is held does not wait for it", async () => {
  const { reader } = client(watched(1), never);
  await vi.advanceTimersByTimeAsync(5_000);
  await reader.cancel();
  expect(vi.getTimerCount()).toBe(0);
});

test("after five minutes the client is to connect again, and shows its key anew", async () => {
  const { finished, texts } = client(watched(1), async () => watched(1));
  await vi.advanceTimersByTimeAsync(301_000);
  await finished;
  expect(names(texts)).not.toContain("end");
});

test("a job that can't be seen any more ends the stream without an end, so that the client asks why", async () => {
  const { finished, texts } = client(watched(1), async () => null);
  await vi.advanceTimersByTimeAsync(1_000);
  await finished;
  expect(names(texts)).toEqual(["snapshot"]);
});

test("who comes back with what it has seen gets nothing again, and then what is new", async () => {
  const now = watched(2, {}, { logged: 3 });
  const next = [watched(3, ENDED, { logged: 4, entries: [entry] })];
  const position = `${now.progress.revision}-3`;
  const { texts, calls, finished } = client(now, async () => next.shift() ?? null, position);
  await vi.runAllTimersAsync();
  await finished;
  expect(names(texts)).toEqual(["log", "end"]);
  expect(calls[0]).toEqual({ revision: now.progress.revision, logged: 3 });
  // Who has the entry but not what follows it comes back as one who has the old progress.
  expect(/^id: (.*)$/m.exec(texts[1] ?? "")?.[1]).toBe(`${now.progress.revision}-4`);
});

test("who was away longer gets the entries it missed, each numbered, and the job as it is now", async () => {
  const first = watched(9, {}, { logged: 5, entries: [entry, entry] });
  const { texts, reader } = client(first, never, "4.1.1.0.0-3");
  await vi.advanceTimersByTimeAsync(100);
  expect(names(texts)).toEqual(["log", "log", "snapshot"]);
  expect(texts.flatMap((text) => /"number":(\d+)/.exec(text)?.[1] ?? [])).toEqual(["4", "5"]);
  await reader.cancel();
});
