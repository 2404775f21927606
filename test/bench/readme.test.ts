import { expect, test } from "vitest";

import { withResults, type Results } from "./readme.ts";

const results: Results = {
  findings: [
    { name: "full sync / raw upsert", value: 0.4567, target: { atLeast: 0.5 }, from: "457/s / 1,000/s" },
    { name: "told only", value: 1_234.5, target: null, from: "" },
  ],
  costs: [],
  scale: [
    {
      title: "entities in one connection: first sync, entities a second",
      bars: [
        { label: "1,000", value: 50, text: "50/s, 1.020 rows an entity, 100 MB" },
        { label: "10,000", value: 100, text: "100/s, 1.010 rows an entity, 110 MB" },
      ],
    },
    { title: "connections syncing at once", bars: [{ label: "1", value: 10, text: "10/s" }] },
  ],
  conditions: { day: "2026-11-27", processors: 2, inUse: 0.1 },
};
const README = "# Title\n\n<!-- bench: written by `npm run bench -- --readme` -->\nstale\n<!-- /bench -->\n\nRest\n";

test("what is between the marks is replaced, and nothing else", () => {
  const written = withResults(README, results);
  expect(written).toMatch(/^# Title\n\n<!-- bench.*-->\n\nMeasured on 2026-11-27 with 2 processors, on a machine that/);
  expect(written).toMatch(/\n\n<!-- \/bench -->\n\nRest\n$/);
  expect(written).not.toContain("stale");
  expect(withResults(written, results)).toBe(written);
});

test("a missed aim says so, and what has none stays without", () => {
  const lines = withResults(README, results).split("\n");
  expect(lines).toContain("| full sync / raw upsert | 0.457 (missed) | ≥ 0.5 | 457/s / 1,000/s |");
  expect(lines).toContain("| told only              | 1,235          |       |                 |");
});

test("bars are as long as their values, beside the longest", () => {
  const lines = withResults(README, results).split("\n");
  expect(lines).toContain(` 1,000 ${"█".repeat(20)} 50/s, 1.020 rows an entity, 100 MB`);
  expect(lines).toContain(`10,000 ${"█".repeat(40)} 100/s, 1.010 rows an entity, 110 MB`);
  expect(lines).toContain(`1 ${"█".repeat(40)} 10/s`);
});

test("figures of a busy machine are called provisional", () => {
  const busy = withResults(README, { ...results, conditions: { ...results.conditions, inUse: 1.4 } });
  expect(busy).toContain("busy with other work (1.4 of them), so these figures are provisional");
});

test("a README without the marks is refused rather than written over", () => {
  expect(() => withResults("# Title\n", results)).toThrow("The README has no");
});
