import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { stopClock } from "#test/support/connection";
import { readApiDocument, type ApiOperation } from "./api-document.ts";
import { Coverage } from "./coverage.ts";
import { REFERENCES, referencesOf, type Reference } from "./references.ts";
import { walk } from "./fuzz-history.ts";
import { addressOf } from "./fuzz-request.ts";
import type { KnownName } from "./known-name.ts";
import { inOrder, rightRequest } from "./right-request.ts";
import { answerInside, send, workerdWorld } from "./workerd-world.ts";

/** Names nothing, whatever it is taken for. */
const NOTHING = "11111111-1111-4111-8111-111111111111";

/** Where the owner's things are those of the first organization, and the stranger's of the second. */
const OWNER = 0;
const STRANGER = 1;

beforeAll(() => {
  stopClock();
  answerInside();
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
    const document = readApiDocument(JSON.parse(text));
    const { operations } = document;
    const world = await workerdWorld();
    const stranger = world.strangerKey;
    const before = await world.state();
    const named = operations.filter(({ path, isOpen }) => path.includes("{") && !isOpen);
    expect(named.length).toBeGreaterThan(30);

    for (const operation of named) {
      const foreign = await call(operation, stranger);
      const absent = await call(operation, stranger, () => NOTHING);
      // Not a word tells that there is something.
      expect({ id: operation.id, ...foreign }).toEqual({ id: operation.id, ...absent, status: 404 });
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
    // A new field that names a thing has its place in references.ts.
    expect(referencesOf(document)).toEqual(REFERENCES.map(({ id, field }) => `${id} ${field}`).toSorted());
    for (const reference of REFERENCES.filter(({ kind }) => kind !== null)) {
      const foreign = await refer(reference, world.names.get(reference.kind ?? "")?.[OWNER] ?? "none");
      const absent = await refer(reference, NOTHING);
      expect({ ...reference, ...foreign }).toEqual({ ...reference, ...absent });
      // A list of what is nowhere is empty.
      const isRefused = [403, 404, 422].includes(foreign.status);
      expect({ ...reference, isRefused: isRefused || reference.in === "query" }).toEqual({
        ...reference,
        isRefused: true,
      });
    }
    expect((await world.state()).text).toBe(before.text);

    // To their owner they are there: it was the caller who was refused, not the request.
    const coverage = new Coverage();
    const right = inOrder(named).map((operation) => rightRequest(operation, world.receiver, OWNER));
    await walk(world, document, right, (id, status) => coverage.count(id, status));
    expect(coverage.unreached(named)).toEqual([]);

    /** What a stranger is answered whose request names a thing elsewhere than in its path, with that name as a blank. */
    async function refer({ id, field, in: place }: Reference, name: string) {
      const operation = operations.find((each) => each.id === id);
      if (operation === undefined) throw new Error(`There is no operation ${id}.`);
      const { method, path, headers, body } = rightRequest(operation, world.receiver, OWNER);
      const query = place === "query" ? [[field, encodeURIComponent(name)] as const] : [];
      const said = place === "body" ? { ...JSON.parse(String(body)), [field]: name } : null;
      const answer = await send({
        method,
        address: addressOf({ path, query }, ({ kind }) => world.names.get(kind)?.[STRANGER] ?? "none"),
        headers: { authorization: `Bearer ${stranger}`, ...headers },
        body: said === null ? null : JSON.stringify(said),
      });
      return { status: answer.status, text: answer.text.replaceAll(name, "_") };
    }

    /** What is answered, with each name in it as a blank. */
    async function call(
      operation: ApiOperation,
      key: string,
      nameOf = ({ kind, index }: KnownName) => world.names.get(kind)?.at(index) ?? "none",
    ) {
      const { method, path, query, headers, body } = rightRequest(operation, world.receiver, OWNER);
      const names: string[] = [];
      const address = addressOf({ path, query }, (known) => {
        const name = nameOf(known);
        names.push(name);
        return name;
      });
      const answer = await send({ method, address, headers: { authorization: `Bearer ${key}`, ...headers }, body });
      return { status: answer.status, text: names.reduce((said, name) => said.replaceAll(name, "_"), answer.text) };
    }
  },
);
