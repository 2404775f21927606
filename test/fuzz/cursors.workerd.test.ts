import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { stopClock } from "#test/support/connection";
import { readApiDocument } from "./api-document.ts";
import { cursorFaults, listingsOf } from "./cursor-rule.ts";
import { answerInside, send, workerdWorld } from "./workerd-world.ts";

beforeAll(() => {
  stopClock();
  answerInside();
});
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("a cursor is good in the list that gave it out; damaged, or of another list, connection or organization it is a 422", async () => {
  const { text } = await send({ method: "GET", address: "/openapi.json", headers: {}, body: null });
  const document = readApiDocument(JSON.parse(text));
  expect(listingsOf(document).map(({ operation, parameter }) => `${operation.id} ${parameter}`)).toEqual(
    expect.arrayContaining([
      "listEntities cursor",
      "listChanges since",
      "listChanges before",
      "listSyncJobs cursor",
      "readSyncJobLog cursor",
      "listWebhookMessages cursor",
    ]),
  );
  expect(await cursorFaults(await workerdWorld(), document)).toEqual([]);
});
