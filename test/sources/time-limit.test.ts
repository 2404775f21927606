import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { withinTimeLimit } from "#sources/time-limit";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const timedOut = () => new Error("The time is up.");
const never = () => new Promise<never>(() => undefined);

test.each<[string, (limit: { signal: AbortSignal; milliseconds: number; timedOut: () => Error }) => Promise<unknown>]>([
  ["is done", (limit) => withinTimeLimit(limit, async () => "done")],
  ["fails", (limit) => withinTimeLimit(limit, () => Promise.reject(new Error("failed")))],
  [
    "throws at once",
    (limit) =>
      withinTimeLimit(limit, () => {
        throw new Error("failed");
      }),
  ],
  [
    "is given up after its time",
    async (limit) => {
      const work = withinTimeLimit(limit, never);
      vi.advanceTimersByTime(limit.milliseconds);
      return work;
    },
  ],
])(
  "work that %s leaves no timer behind: one that is pending keeps its object in memory, and billed",
  async (_end, work) => {
    const { signal } = new AbortController();
    await work({ signal, milliseconds: 1_000, timedOut }).catch(() => undefined);
    expect(vi.getTimerCount()).toBe(0);
  },
);

test("work that is stopped leaves no timer behind, and is told to stop", async () => {
  const controller = new AbortController();
  const stopped: unknown[] = [];
  const work = withinTimeLimit({ signal: controller.signal, milliseconds: 1_000, timedOut }, (signal) => {
    signal.addEventListener("abort", () => stopped.push(signal.reason));
    return never();
  });
  controller.abort("cancelled");
  await expect(work).rejects.toBe("cancelled");
  expect(stopped).toEqual(["cancelled"]);
  expect(vi.getTimerCount()).toBe(0);
});
