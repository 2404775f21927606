import { expect, test } from "vitest";

import { isFromOurPages } from "#dashboard/same-origin";

const from = (headers: Readonly<Record<string, string>>) =>
  isFromOurPages(new Request("https://sluice.example.com/keys", { method: "POST", headers }));

test("a page of the same origin may change something, by either word of the browser", () => {
  expect(from({ origin: "https://sluice.example.com", "sec-fetch-site": "same-origin" })).toBe(true);
  expect(from({ origin: "https://sluice.example.com" })).toBe(true);
  expect(from({ "sec-fetch-site": "same-origin" })).toBe(true);
});

test.each([
  ["another site", { origin: "https://evil.example" }],
  ["another site, which says that it is this one", { origin: "https://evil.example", "sec-fetch-site": "same-origin" }],
  ["a page whose origin the browser hides", { origin: "null" }],
  ["the same host by http", { origin: "http://sluice.example.com" }],
  ["another port", { origin: "https://sluice.example.com:8443" }],
  ["another host of the same domain", { origin: "https://x.sluice.example.com", "sec-fetch-site": "same-site" }],
  ["the address bar", { "sec-fetch-site": "none" }],
  ["a frame of another site", { "sec-fetch-site": "cross-site" }],
  [
    "a page of which the browser says two things",
    { origin: "https://sluice.example.com", "sec-fetch-site": "cross-site" },
  ],
  ["what is no browser", {}],
])("%s may not", (_who, headers) => {
  expect(from(headers)).toBe(false);
});
