import { afterEach, expect, test, vi } from "vitest";

import { unexpectedError } from "#observability/events";
import { log } from "#observability/log";

afterEach(() => {
  vi.restoreAllMocks();
});

test.each([
  [`key slc_${"Ab1_".repeat(10)}xyz refused`, "key [redacted] refused"],
  ["sent Authorization: Bearer abcdef.123456-XYZ", "sent Authorization: Bearer [redacted]"],
  ["fetch https://user:pa55word@db.example.com/x failed", "fetch https://[redacted]@db.example.com/x failed"],
  [
    "GET https://api.example.com/v2?page=2&api_key=s3cr3t&x=1",
    "GET https://api.example.com/v2?page=2&api_key=[redacted]&x=1",
  ],
])("takes what looks like a secret out of %j", (message, cleaned) => {
  const lines = vi.spyOn(console, "log").mockReturnValue();
  log(unexpectedError("test", "r-1", new Error(message)));
  expect(lines).toHaveBeenCalledOnce();
  const line: unknown = JSON.parse(String(lines.mock.calls[0]?.[0]));
  expect(line).toMatchObject({ event: "unexpected_error", request_id: "r-1", message: cleaned });
});

test("writes what was thrown even if it is no error", () => {
  const lines = vi.spyOn(console, "log").mockReturnValue();
  log(unexpectedError("test", null, "just text"));
  expect(String(lines.mock.calls[0]?.[0])).toContain('"message":"just text"');
});
