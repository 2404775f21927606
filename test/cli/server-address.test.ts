import { expect, test } from "vitest";

import { isExposed, serverAddress } from "#cli/server-address";
import { WrongUsage } from "#cli/stopped";

test.each([
  ["https://sluice.example.com", "https://sluice.example.com"],
  [" sluice.example.com/v1/ ", "https://sluice.example.com"],
  ["localhost:8787", "http://localhost:8787"],
  ["127.0.0.1:8787/v1", "http://127.0.0.1:8787"],
  ["[::1]:8787", "http://[::1]:8787"],
  ["http://sluice.example.com/", "http://sluice.example.com"],
  ["https://example.com/sluice/", "https://example.com/sluice"],
  ["localhost.example.com", "https://localhost.example.com"],
])("%j is the server %s", (typed, address) => {
  expect(serverAddress(typed)).toBe(address);
});

test.each(["", "ftp://example.com", "https://me:secret@example.com", "https://", "a b"])("%j is refused", (typed) => {
  expect(() => serverAddress(typed)).toThrow(WrongUsage);
});

test.each([
  ["http://sluice.example.com", true],
  ["https://sluice.example.com", false],
  ["http://localhost:8787", false],
  ["http://127.0.0.1:8787", false],
])("a key that goes to %s is readable on the way: %s", (address, exposed) => {
  expect(isExposed(address)).toBe(exposed);
});
