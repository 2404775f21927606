import { expect, test } from "vitest";

import { isMet, markdownTable, median, renderFindings } from "./finding.ts";

test("a median is the middle, or the mean of the two in the middle", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 100, 2])).toBe(3);
});

test("a target is met at its very edge, and the table says which ones are missed", () => {
  const latency = { name: "latency", value: 1.5, target: { atMost: 1.5 }, from: "3 ms / 2 ms" };
  const rate = { name: "rate", value: 0.34, target: { atLeast: 0.35 }, from: "34 / 100" };
  expect(isMet(latency)).toBe(true);
  expect(isMet(rate)).toBe(false);
  expect(renderFindings([latency, rate]).split("\n")).toEqual([
    "latency     1.500  <= 1.5    met     3 ms / 2 ms",
    "rate        0.340  >= 0.35   MISSED  34 / 100",
  ]);
});

test("a difference that is lost in the noise is no figure, and meets its aim where the noise does", () => {
  const lost = { name: "lost", value: -0.007, noise: 0.02, target: { atMost: 1 }, from: "" };
  expect(markdownTable([lost])).toContain("| below noise (± 0.02) | ≤ 1");
  expect(isMet(lost)).toBe(true);
  expect(isMet({ ...lost, noise: 2 })).toBe(false);
  expect(markdownTable([{ ...lost, value: -0.05 }])).toContain("below noise (± 0.05)");
});

test("a difference larger than the noise is a figure", () => {
  const found = { name: "found", value: 0.5, noise: 0.02, target: { atMost: 1 }, from: "" };
  expect(markdownTable([found])).toContain("| found    | 0.5   | ≤ 1");
  expect(isMet({ ...found, value: 1.5 })).toBe(false);
});
