import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { openGate } from "#connection/gate";
import { CouchUpstream } from "#test/support/couch-upstream";
import { A_RUN, ORGANIZATION, stopClock, TestConnection, valueOf } from "#test/support/connection";

beforeEach(() => {
  stopClock();
  new CouchUpstream().install();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** What the platform says of a fault, beside the message. */
type Said = Partial<Record<"retryable" | "overloaded", boolean>>;

/** A gate to the connection that is broken for the first calls: after they did their work, as an answer lost on its way. */
function brokenGate({ id }: TestConnection, faults: readonly Said[]) {
  const upcoming = [...faults];
  let stubs = 0;
  const namespace = new Proxy(env.SOURCE_CONNECTION, {
    get: (target, property) => {
      if (property !== "getByName") return Reflect.get(target, property);
      return (name: string) => {
        stubs += 1;
        const stub = target.getByName(name);
        const said = upcoming.shift();
        if (said === undefined) return stub;
        const run = async (...args: Parameters<typeof stub.run>) => {
          await stub.run(...args);
          throw Object.assign(new Error("Durable Object reset because its code was updated."), said);
        };
        return { run };
      };
    },
  });
  return { gate: openGate(namespace, id, () => crypto.randomUUID()), stubs: () => stubs };
}

test("a run whose answer was lost is tried again, on a new stub, and starts no second job", async () => {
  const connection = await TestConnection.create();
  const { gate, stubs } = brokenGate(connection, [{ retryable: true }, { retryable: true }]);
  const job = valueOf(await gate.run(ORGANIZATION, A_RUN));

  expect(stubs()).toBe(3);
  expect((await connection.describe()).runs.total).toBe(1);
  expect((await connection.describe()).lastJob?.id).toBe(job.id);
});

test("the key that the caller chose is the one that counts", async () => {
  const connection = await TestConnection.create();
  const { gate } = brokenGate(connection, []);
  const first = valueOf(await gate.run(ORGANIZATION, { ...A_RUN, idempotencyKey: "key" }));

  expect(valueOf(await gate.run(ORGANIZATION, { ...A_RUN, idempotencyKey: "key" })).id).toBe(first.id);
  expect(await gate.run(ORGANIZATION, A_RUN)).toMatchObject({ ok: false, refusal: { code: "job_active" } });
});

test.each<[string, readonly Said[], number]>([
  ["a fault of Sluice's own is not tried again", [{}], 1],
  ["an object that has too much to do is not given more", [{ retryable: true, overloaded: true }], 1],
  ["a fault that stays is passed on", [{ retryable: true }, { retryable: true }, { retryable: true }], 3],
])("%s", async (_case, faults, tries) => {
  const connection = await TestConnection.create();
  const { gate, stubs } = brokenGate(connection, faults);

  await expect(gate.run(ORGANIZATION, A_RUN)).rejects.toThrow("reset");
  expect(stubs()).toBe(tries);
});
