import { afterEach, beforeEach, expect, test } from "vitest";

import { handOver } from "#events/receiver";
import { begin, startUpstream, text, type ScriptedUpstream } from "#test/support/scripted-upstream";

const PARCEL = { id: "msg_1", body: "{}", timestamp: 1_700_000_000, signature: "v1,x" };

let upstream: ScriptedUpstream;
beforeEach(async () => {
  upstream = await startUpstream(() => text("thanks"));
});
afterEach(() => upstream.close());

const outside = { fetch, now: () => 1_700_000_000_000, allowPrivate: true };

test.each([
  ["of a stated length", { "content-length": "100" }],
  ["of any length", {}],
])("a body %s that never ends is given up, and its connection with it", async (_which, headers) => {
  upstream.handle(() => begin("thanks", "stall", { headers }));

  expect(await handOver(outside, upstream.url, PARCEL)).toMatchObject({ statusCode: 200, error: null });
  await upstream.requests[0]?.over;
});
