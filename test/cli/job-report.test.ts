import { expect, test } from "vitest";

import { durationText } from "#cli/job-report";

test.each([
  [0, "0.0 s"],
  [59.94, "59.9 s"],
  [61.2, "1 min 1 s"],
  [7_500, "2 h 5 min"],
])("%f seconds read %s", (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});
