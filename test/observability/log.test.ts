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

/** What marks a secret that follows it, and what follows the secret. */
const MARKED: readonly (readonly [before: string, after: string])[] = [
  ...["key", "token", "secret", "password", "signature", "code"].flatMap((word): [string, string][] => [
    [`https://api.example.com/v2?page=2&x_${word}_y=`, "&z=1"],
    [`https://api.example.com/v2?${word.toUpperCase()}=`, "#end"],
  ]),
  ...["Bearer", "bearer", "Basic", "token"].map((scheme): [string, string] => [`authorization: ${scheme} `, "\n"]),
  ["postgres://", "@db.example.com/x"],
  ["https://user:", "@db.example.com/x"],
];

test.each(MARKED)(
  "takes out each secret after %j, not only the first: a message may quote several",
  (before, after) => {
    const lines = vi.spyOn(console, "log").mockReturnValue();
    const secrets = ["s3cr3t-number-one", "s3cr3t-number-two", "s3cr3t-number-three"];
    log(unexpectedError("test", "r-1", new Error(secrets.map((secret) => before + secret + after).join(" and "))));
    const line = String(lines.mock.calls[0]?.[0]);
    expect(line).not.toContain("s3cr3t");
    expect(line.split("[redacted]").length - 1).toBeGreaterThanOrEqual(secrets.length);
  },
);

test("writes what was thrown even if it is no error", () => {
  const lines = vi.spyOn(console, "log").mockReturnValue();
  log(unexpectedError("test", null, "just text"));
  expect(String(lines.mock.calls[0]?.[0])).toContain('"message":"just text"');
});
