import { afterEach, expect, test, vi } from "vitest";

import { outboundFetch } from "#sources/outbound-fetch";

const sent = vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response("answered"));
afterEach(() => sent.mockClear());

test("a private address is refused at the door too, by whoever did not ask", async () => {
  for (const url of ["http://127.0.0.1/", "http://169.254.169.254/latest", "http://[::1]/", "https://2130706433/"]) {
    await expect(outboundFetch(url, {}, { allowPrivate: false })).rejects.toThrow("private or local address");
  }
  expect(sent).not.toHaveBeenCalled();
});

test("a redirect is handed back, never followed unseen, whatever the caller wants", async () => {
  await outboundFetch("https://api.example.com/", { redirect: "follow" }, { allowPrivate: false });
  await outboundFetch("http://127.0.0.1/", { method: "HEAD" }, { allowPrivate: true });
  expect(sent.mock.calls).toEqual([
    ["https://api.example.com/", { redirect: "manual" }],
    ["http://127.0.0.1/", { method: "HEAD", redirect: "manual" }],
  ]);
});
