import { expect, test } from "vitest";

import { formatPosition, parsePosition } from "#http/live/watch-position";

test("a position is read as it was written", () => {
  const position = { revision: "12.3.456.7.0", logged: 89 };
  expect(parsePosition(formatPosition(position))).toEqual(position);
});

test.each(["", "nonsense", "-", "1.2-", "1.2-x", "1.2-3-4", "\n1-1", `${"1".repeat(81)}-1`, "1-1234567890"])(
  "%j is nobody's position",
  (text) => {
    expect(parsePosition(text)).toBeNull();
  },
);
