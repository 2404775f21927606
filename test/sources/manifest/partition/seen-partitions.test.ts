import { expect, it } from "vitest";

import { SeenPartitions } from "#sources/manifest/partition/seen-partitions";

it("knows a partition again, as long as its memory reaches", () => {
  const seen = new SeenPartitions();
  expect([seen.isNew("first"), seen.isNew("first")]).toEqual([true, false]);
  for (let other = 0; other < 50_000; other += 1) seen.isNew(String(other));
  expect(seen.isNew("49999")).toBe(false);
  expect(seen.isNew("first")).toBe(true);
});
