import { expect, test } from "vitest";

import { bars, type SparkJob } from "#dashboard/components/sparkline.tsx";

function aJob(status: SparkJob["status"], changes = 0): SparkJob {
  return { status, entities_inserted: changes, entities_updated: 0, entities_deleted: 0 };
}

test("the newest job is the last bar, and each colour is one path", () => {
  const drawn = bars([aJob("FAILED"), aJob("COMPLETED", 1000), aJob("COMPLETED", 1000)]);
  expect(drawn).toEqual([
    { tone: "good", path: "M72 24v-24h6v24zM80 24v-24h6v24z" },
    { tone: "bad", path: "M88 24v-4h6v4z" },
  ]);
});

test("no more bars than there is room for, and none without jobs", () => {
  const [drawn] = bars(Array.from({ length: 40 }, () => aJob("COMPLETED")));
  expect(drawn?.path.match(/M/g)).toHaveLength(12);
  expect(bars([])).toEqual([]);
});
