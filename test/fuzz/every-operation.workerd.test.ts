import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { stopClock } from "#test/support/connection";
import { readApiDocument } from "./api-document.ts";
import { Coverage } from "./coverage.ts";
import { explainFailure } from "./explain-failure.ts";
import { runHistory, walk } from "./fuzz-history.ts";
import { requestFor } from "./fuzz-request.ts";
import { HINTS } from "./hints.ts";
import { hostileFields } from "./hostile-fields.ts";
import { inOrder, rightRequest } from "./right-request.ts";
import { send, workerdWorld } from "./workerd-world.ts";

/*
 * Right, nearly right and hostile requests to every operation that the document has, those of tomorrow too. `npm run
 * fuzz` sends more of them, of other seeds, over HTTP.
 */

const SEED = 20_261_127;
const HISTORIES = 10;
const REQUESTS = 40;

beforeAll(() => {
  stopClock();
  // Nothing goes out: every receiver and every source answers that all is well, and says nothing.
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => Response.json([]));
  vi.spyOn(console, "log").mockReturnValue();
});
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test(
  "no request gets an answer that the document does not have, and none that is refused changes anything",
  { timeout: 180_000 },
  async () => {
    const { text } = await send({ method: "GET", address: "/openapi.json", headers: {}, body: null });
    const document = readApiDocument(JSON.parse(text));
    const coverage = new Coverage();
    const count = (id: string, status: number) => coverage.count(id, status);
    const world = await workerdWorld();
    const { receiver } = world;
    const right = inOrder(document.operations).map((operation) => rightRequest(operation, receiver, 0));
    await walk(world, document, right, count);
    // A new operation that needs more than {} has a body in right-body.ts.
    expect(coverage.unreached(document.operations)).toEqual([]);
    await walk(
      world,
      document,
      document.operations.flatMap((operation) => hostileFields(operation, document, receiver)),
      count,
    );

    const requests = fc.oneof(
      ...document.operations.map((operation) => requestFor(operation, document, HINTS, receiver)),
    );
    const histories = fc.array(requests, { minLength: REQUESTS, maxLength: REQUESTS });
    const details = await fc.check(
      fc.asyncProperty(histories, async (history) => runHistory(await workerdWorld(), document, history, count)),
      { seed: SEED, numRuns: HISTORIES, interruptAfterTimeLimit: 100_000 },
    );
    expect(explainFailure(details)).toBeNull();
    // A machine that is slow lives through some of them.
    expect(details.numRuns).toBeGreaterThan(0);
    // So that all of this is not refused at the door.
    expect([...coverage.statuses().keys()]).toEqual(
      expect.arrayContaining([200, 202, 400, 401, 403, 404, 405, 409, 415, 422]),
    );
  },
);
