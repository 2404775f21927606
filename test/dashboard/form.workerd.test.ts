import { expect, test } from "vitest";

import { browserLike } from "#test/support/browser-like";

const FORM = { "content-type": "application/x-www-form-urlencoded" };

/** A body whose length nothing says beforehand. */
function unannounced(megabytes: number): ReadableStream<Uint8Array> {
  const chunk = new Uint8Array(1_000_000).fill(0x61);
  let left = megabytes;
  return new ReadableStream({
    pull(controller) {
      if (left === 0) controller.close();
      else controller.enqueue(chunk);
      left -= 1;
    },
  });
}

test.each([
  ["says how long it is", "key=".padEnd(5_000_001, "x")],
  ["does not say how long it is", unannounced(6)],
])("a form of more than five megabytes is 413 without a key, also where it %s", async (_which, raw) => {
  const page = await browserLike().visit("POST", "/sign-in", { raw, headers: FORM });
  expect(page.status).toBe(413);
  expect(page.html).toContain("too large to be sent by a form");
});

test("a form that is none is the sender's fault, with nothing in the log", async () => {
  const page = await browserLike().visit("POST", "/sign-in", { raw: "{}", headers: { "content-type": "text/plain" } });
  expect(page.status).toBe(400);
  expect(page.html).toContain("The form could not be read");
});
