import { describe, expect, test } from "vitest";

import { ProgressBar, renderProgress } from "#cli/progress-bar";

describe("renderProgress", () => {
  test.each([
    [{ done: 0, total: 100, elapsedMs: 0 }, `${"░".repeat(30)}   0 %  0 of 100  0/s`],
    [{ done: 50, total: 100, elapsedMs: 500 }, `${"█".repeat(15)}${"░".repeat(15)}  50 %  50 of 100  100/s`],
    [{ done: 30_000, total: 30_000, elapsedMs: 2_000 }, `${"█".repeat(30)} 100 %  30,000 of 30,000  15,000/s`],
  ])("%j", (progress, line) => expect(renderProgress(progress)).toBe(line));

  test("keeps its width when the source grew while it was read", () => {
    expect(renderProgress({ done: 120, total: 100, elapsedMs: 1_000 })).toContain(`${"█".repeat(30)} 100 %`);
  });

  test("is full when there is nothing to do", () => {
    expect(renderProgress({ done: 0, total: 0, elapsedMs: 5 })).toContain("100 %");
  });
});

/** Everything that is written while a task of 100 steps goes from its beginning to its end. */
function written(isTTY: boolean): string[] {
  const texts: string[] = [];
  const bar = new ProgressBar({ isTTY, write: (text) => texts.push(text) });
  for (const done of [0, 10, 20, 30, 60, 100]) bar.show({ done, total: 100, elapsedMs: 100 });
  bar.close();
  return texts;
}

describe("ProgressBar", () => {
  test("stays on one line of a terminal", () => {
    const texts = written(true);
    expect(texts.slice(0, -1).every((text) => text.startsWith("\r\u001B[2K") && !text.includes("\n"))).toBe(true);
    expect(texts.at(-1)).toBe("\n");
  });

  test("writes plain lines to a file, and few of them", () => {
    const texts = written(false);
    expect(texts.map((text) => /\d+ %/.exec(text)?.[0])).toEqual(["0 %", "30 %", "60 %", "100 %"]);
    expect(texts.join("")).not.toContain("\u001B");
  });
});
