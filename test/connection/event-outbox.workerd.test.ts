import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { migrate } from "#connection/schema";
import { JobControl } from "#connection/job-control";
import { openStores, type Stores } from "#connection/stores";
import type { SluiceEvent } from "#core/event";
import { isTerminal, type JobStatus } from "#core/job";
import { env } from "cloudflare:workers";
import { v7 as uuidv7 } from "uuid";
import { AT } from "#test/support/builders";
import { withSql } from "#test/support/connection";

const SEALED = { keyId: "k1", wrapIv: "", wrappedKey: "", iv: "", ciphertext: "" };

interface World {
  readonly stores: Stores;
  readonly jobs: JobControl;
  readonly around: { now(): number; random(): number; newId(): string };
  /** What the organization's deliveries were given, calls apart. */
  readonly published: SluiceEvent[][];
  clock: number;
  /** Thrown by the next calls. */
  fault: Error | null;
}

/** A connection's jobs over real storage, with deliveries that only note what they get. */
function withJobs(use: (world: World) => Promise<void> | void): Promise<void> {
  return withSql((sql) => {
    migrate(sql);
    const published: SluiceEvent[][] = [];
    const publish = async (_organizationId: string, events: readonly SluiceEvent[]) => {
      if (world.fault !== null) throw world.fault;
      published.push([...events]);
    };
    const stores = openStores(sql, { db: env.DB, publish });
    const around = { now: () => world.clock, random: () => 0.5, newId: () => uuidv7(), findSource: () => null };
    const jobs = new JobControl(stores, around, () => ({ isContinuous: false, deadlineMs: 3_600_000, jitterMs: 0 }));
    const world: World = { stores, jobs, around, published, clock: AT, fault: null };
    writeConnection(stores);
    return use(world);
  });
}

function writeConnection({ sql, connection }: Stores): void {
  sql.run(
    "INSERT INTO documents (key, value) VALUES ('connection', ?)",
    JSON.stringify({
      id: "connection-1",
      organizationId: "org",
      collectionId: "default",
      name: "Shop",
      description: null,
      shortName: "stub",
      config: {},
      credentials: SEALED,
      credentialsChangedAt: AT,
      schedule: null,
      settings: {},
      createdAt: AT,
      modifiedAt: AT,
      deletedAt: null,
      version: 1,
      feedId: "feed",
    }),
  );
  connection.read();
}

const RUN = { trigger: "manual", forceFullSync: false, confirmDeletes: false, idempotencyKey: null } as const;
const failures = { key: "api_key_invalid", other: "source_unavailable" } as const;

/** One thing that can happen to a connection's newest job. */
type Step =
  | { readonly do: "run"; readonly onConflict: "reject" | "attach" | "queue" }
  | { readonly do: "cancel"; readonly isSliceAtWork: boolean }
  | { readonly do: "start" | "end_slice" | "stop" }
  | { readonly do: "finish"; readonly why: keyof typeof failures | null }
  | { readonly do: "deliver"; readonly fails: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("run" as const), onConflict: fc.constantFrom("reject", "attach", "queue") }),
  fc.record({ do: fc.constant("cancel" as const), isSliceAtWork: fc.boolean() }),
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("start" as const, "end_slice" as const, "stop" as const) }) },
  fc.record({ do: fc.constant("finish" as const), why: fc.constantFrom("key", "other", null) }),
  fc.record({ do: fc.constant("deliver" as const), fails: fc.boolean() }),
);

async function take(world: World, what: Step): Promise<void> {
  const { jobs, stores } = world;
  const newest = stores.jobs.newest();
  world.clock += 1_000;
  switch (what.do) {
    case "run":
      jobs.run({ ...RUN, onConflict: what.onConflict });
      return;
    case "deliver":
      world.fault = what.fails ? new Error("The object was reset.") : null;
      await stores.events.deliver("org", world.around);
      return;
    case "cancel":
      if (newest !== null) jobs.cancel(newest.id, what.isSliceAtWork);
      return;
    case "start":
      if (newest !== null)
        jobs.record(newest.id, { type: "slice_started", pages: 1, hasRead: false, leaseUntil: world.clock + 9 });
      return;
    case "end_slice":
      if (newest !== null) jobs.record(newest.id, { type: "slice_ended", wakeAt: world.clock, waiting: null });
      return;
    case "stop":
      if (newest !== null) jobs.record(newest.id, { type: "stopped" });
      return;
    case "finish": {
      const failed = what.why === null ? [] : [{ stream: null, category: failures[what.why], message: "It failed." }];
      if (newest !== null) jobs.record(newest.id, { type: "finished", failures: failed });
      return;
    }
  }
}

/** What a job's statuses can have been, given the one it has: an event for each, in this order. */
const MAY_HAVE_BEEN: Record<JobStatus, readonly string[]> = {
  PENDING: ["pending"],
  RUNNING: ["pending running"],
  CANCELLING: ["pending running cancelling"],
  COMPLETED: ["pending running completed"],
  FAILED: ["pending running failed"],
  CANCELLED: ["pending cancelled", "pending running cancelling cancelled"],
};

describe("over any history of jobs", () => {
  test("each transition is told exactly once, in order, and nothing else is", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), (history) =>
        withJobs(async (world) => {
          for (const what of history) await take(world, what);
          world.fault = null;
          world.clock += 3_600_000;
          await world.stores.events.deliver("org", world.around);
          expect(world.stores.events.isEmpty()).toBe(true);

          const events = world.published.flat();
          expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
          const jobs = world.stores.jobs.list(1_000, null);
          const told = Map.groupBy(events, ({ orderKey }) => orderKey);
          for (const job of jobs) {
            const types = (told.get(job.id) ?? []).map(({ type }) => type.replace("sync.", ""));
            expect(MAY_HAVE_BEEN[job.status]).toContain(types.join(" "));
          }
          const bad = jobs.filter(({ errorCategory }) => errorCategory === "api_key_invalid").length;
          const needsReauth = told.get("connection-1")?.length ?? 0;
          expect(needsReauth).toBe(bad);
          expect(told.size).toBe(jobs.length + (bad > 0 ? 1 : 0));
        }),
      ),
      { numRuns: 60 },
    );
  });
});

test("an event that could not be handed over is handed over later, in its place", () =>
  withJobs(async (world) => {
    world.jobs.run({ ...RUN, onConflict: "reject" });
    world.fault = new Error("Network connection lost.");
    await world.stores.events.deliver("org", world.around);
    const retryAt = world.stores.events.dueAt(world.clock) ?? 0;
    expect(retryAt).toBeGreaterThan(world.clock);

    world.fault = null;
    await take(world, { do: "start" });
    await world.stores.events.deliver("org", world.around);
    world.clock = Math.max(world.clock, retryAt);
    await world.stores.events.deliver("org", world.around);
    expect(world.published.flat().map(({ type }) => type)).toEqual(["sync.pending", "sync.running"]);
  }));

test("a job that starts tells that it is pending and running in one call", () =>
  withJobs(async (world) => {
    world.jobs.run({ ...RUN, onConflict: "reject" });
    expect(world.stores.events.dueAt(world.clock)).toBeGreaterThan(world.clock);
    await take(world, { do: "start" });
    await world.stores.events.deliver("org", world.around);
    expect(world.published.map((events) => events.length)).toEqual([2]);
  }));

test("the counts in an event are those of the job's end", () =>
  withJobs(async (world) => {
    world.jobs.run({ ...RUN, onConflict: "reject" });
    const job = world.stores.jobs.newest();
    await take(world, { do: "start" });
    await take(world, { do: "finish", why: "other" });
    await world.stores.events.deliver("org", world.around);
    expect(world.published.flat().at(-1)).toMatchObject({
      type: "sync.failed",
      payload: {
        sync_job_id: job?.id,
        source_connection_id: "connection-1",
        collection_readable_id: "default",
        entities_inserted: 0,
        error: "It failed.",
        error_category: "source_unavailable",
      },
    });
    expect(isTerminal(world.stores.jobs.newest()?.status ?? "PENDING")).toBe(true);
  }));
