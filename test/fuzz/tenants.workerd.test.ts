import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { stopClock } from "#test/support/connection";
import { readApiDocument, type ApiOperation } from "./api-document.ts";
import { addressOf, kindOfParameter } from "./fuzz-request.ts";
import { send, workerdWorld } from "./workerd-world.ts";

/** The operations' bodies, so that what is refused is the caller. An operation that is not here takes `{}`. */
const BODIES: Readonly<Record<string, unknown>> = {
  updateSourceConnection: { name: "Renamed" },
  createWebhook: { verification: { scheme: "none" } },
  updateWebhook: { debounce_seconds: 5 },
  updateCollection: { name: "Renamed" },
  updateWebhookSubscription: { disabled: true },
  recoverWebhookSubscription: { since: "2039-01-01T00:00:00Z" },
};

/** Where the owner's things are those of the first organization, and the stranger's of the second. */
const OWNER = 0;

beforeAll(() => {
  stopClock();
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => Response.json([]));
});
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test(
  "another organization's things are 404 to every operation, are in no list, and stay as they are",
  { timeout: 120_000 },
  async () => {
    const { text } = await send({ method: "GET", address: "/openapi.json", headers: {}, body: null });
    const { operations } = readApiDocument(JSON.parse(text));
    const world = await workerdWorld();
    const stranger = world.strangerKey;
    const before = await world.state();
    const named = operations.filter(({ path, isOpen }) => path.includes("{") && !isOpen);
    expect(named.length).toBeGreaterThan(30);

    for (const operation of named) {
      const answer = await call(operation, stranger);
      expect({ id: operation.id, status: answer.status, text: answer.text }).toMatchObject({
        id: operation.id,
        status: 404,
      });
    }
    const own = [...world.names].flatMap(([kind, [name]]) =>
      /stream|name|entity_id|cursor/.test(kind) ? [] : [name ?? ""],
    );
    expect(own.length).toBeGreaterThan(4);
    for (const operation of operations.filter(({ method, path }) => method === "GET" && !path.includes("{"))) {
      const answer = await call(operation, stranger);
      for (const name of own)
        expect({ id: operation.id, text: answer.text.includes(name) }).toEqual({ id: operation.id, text: false });
    }
    expect(await world.state()).toBe(before);

    // To their owner they are there: it was the caller who was refused, not the request.
    const gentleFirst = named.toSorted((a, b) => Number(a.method === "DELETE") - Number(b.method === "DELETE"));
    for (const operation of gentleFirst.filter(({ path }) => !/messages|subscriptions|entity_id/.test(path))) {
      const answer = await call(operation, world.keys.owner ?? "");
      const refused = answer.status === 403 || answer.status === 415 || answer.status === 422;
      const gone = answer.status === 404 && operation.method !== "DELETE" && !/webhook$|reset$/.test(operation.path);
      expect({ id: operation.id, text: answer.text, refused, gone }).toMatchObject({
        id: operation.id,
        refused: false,
        gone: false,
      });
    }

    function call({ id, method, path, body }: ApiOperation, key: string) {
      const parts = path
        .split("/")
        .slice(1)
        .map((segment) => {
          const name = /^\{(\w+)\}$/.exec(segment)?.[1];
          return name === undefined ? segment : { kind: kindOfParameter(path, name) ?? name, index: OWNER };
        });
      const address = addressOf(
        { path: parts, query: [] },
        ({ kind, index }) => world.names.get(kind)?.[index] ?? ABSENT,
      );
      const json = id === "replaceCustomSource" ? { manifest: world.manifest } : (BODIES[id] ?? {});
      const headers = {
        authorization: `Bearer ${key}`,
        ...(body === null ? {} : { "content-type": "application/json" }),
      };
      return send({ method, address, headers, body: body === null ? null : JSON.stringify(json) });
    }
  },
);

const ABSENT = "11111111-1111-4111-8111-111111111111";
