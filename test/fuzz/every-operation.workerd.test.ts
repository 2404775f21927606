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
import { deliveryOf, signedDelivery, SIGNINGS } from "./signed-delivery.ts";
import { manyGuesses, tooLarge } from "./too-much.ts";
import { answerInside, send, workerdWorld } from "./workerd-world.ts";

/*
 * Right, nearly right and hostile requests to every operation that the document has, those of tomorrow too. `npm run
 * fuzz` sends more of them, of other seeds, over HTTP.
 */

const SEED = 20_261_127;
const HISTORIES = 10;
const REQUESTS = 40;

beforeAll(() => {
  stopClock();
  answerInside();
  vi.spyOn(console, "log").mockReturnValue();
});
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test(
  "no request gets an answer that the document does not have, and none that is refused changes anything",
  { timeout: 300_000 },
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
    const fields = document.operations.flatMap((operation) => hostileFields(operation, document, receiver));
    await runHistory(await workerdWorld(), document, fields, count);
    await runHistory(await workerdWorld(), document, tooLarge(document, receiver), count);
    const guesses = manyGuesses(document, receiver);
    const guessed = await workerdWorld();
    await walk(guessed, document, guesses, count);
    await runHistory(guessed, document, guesses.slice(0, 3), count);
    const deliveries = SIGNINGS.map((signing) =>
      deliveryOf({ ...signing, deliveryId: "a-delivery" }, '{"items":[]}', 0),
    );
    await runHistory(await workerdWorld(), document, [...deliveries.toReversed(), ...deliveries], count);

    const requests = fc.oneof(
      ...document.operations.map((operation) => requestFor(operation, document, HINTS, receiver)),
      ...Array.from({ length: 3 }, () => signedDelivery),
    );
    const histories = fc.array(requests, { minLength: REQUESTS, maxLength: REQUESTS });
    const details = await fc.check(
      fc.asyncProperty(histories, async (history) => runHistory(await workerdWorld(), document, history, count)),
      { seed: SEED, numRuns: HISTORIES },
    );
    expect(explainFailure(details)).toBeNull();
    expect(details.numRuns).toBe(HISTORIES);
    // So that all of this is not refused at the door.
    expect([...coverage.statuses().keys()]).toEqual(
      expect.arrayContaining([200, 202, 400, 401, 403, 404, 405, 409, 413, 415, 422, 429]),
    );
  },
);
