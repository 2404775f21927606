import { expect, test } from "vitest";

import { isPassing, Refused, Unreachable } from "#cli/refused";

test.each([
  ['{"detail":"Collection not found"}', "Collection not found"],
  [
    '{"detail":[{"loc":["body","config","url"],"msg":"must be an address","type":"x"},{"loc":[],"msg":"wrong","type":"x"}]}',
    "config.url: must be an address\nwrong",
  ],
  ["<html>Bad gateway</html>", "<html>Bad gateway</html>"],
  ["", "The server answered 502."],
])("of %s a person is told %j", (body, detail) => {
  expect(new Refused("GET /v1/x", 502, body).detail).toBe(detail);
});

test.each([
  [new Unreachable("x"), true],
  [new Refused("GET /v1/x", 503, ""), true],
  [new Refused("GET /v1/x", 429, ""), true],
  [new Refused("GET /v1/x", 404, ""), false],
  [new Error("x"), false],
])("%s may be over in a moment: %s", (error, passing) => {
  expect(isPassing(error)).toBe(passing);
});
