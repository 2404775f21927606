import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { collectionSchema } from "#http/schemas/collection";
import { jobStatusSchema } from "#core/job";
import { jobRefusalSchema } from "#http/schemas/refusal";
import {
  cancel,
  connect,
  connectionIn,
  countsOf,
  describeConnection,
  jobIn,
  listJobs,
  readJob,
  run,
  runToEnd,
  tryToConnect,
  untilEnded,
  untilJob,
} from "./connection.ts";
import { exportCopy } from "./copy.ts";
import { startSluice, type Sluice } from "./sluice.ts";

/*
 * What the end-to-end suite of Airweave asserts of its API, by the numbers of the behaviours that it lists. Statuses
 * are upper case here, and whatever an active or finished job stands in the way of is 409.
 */

const UNKNOWN_ID = "11111111-2222-4333-8444-555555555555";

let sluice: Sluice;
beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(() => sluice?.close());

const timed = (seconds: number, overrides: object = {}) =>
  connect(sluice, {
    short_name: "timed",
    config: { entity_count: 20, duration_seconds: seconds },
    credentials: { timed_key: "any" },
    ...overrides,
  });
const stub = (config: object = {}) =>
  connect(sluice, { short_name: "stub", config: { entity_count: 5, ...config }, credentials: { stub_key: "any" } });
const incremental = (entity_count: number) =>
  connect(sluice, { short_name: "incremental_stub", config: { entity_count }, credentials: { stub_key: "any" } });
const resize = (id: string, entity_count: number) =>
  sluice.call("PATCH", `/source-connections/${id}`, { body: { config: { entity_count } } }).then(connectionIn);
const failing = (config: object) => ({ short_name: "exception_stub", config: { entity_count: 10, ...config } });

/** Longer than any test waits: a job that is there until it is cancelled. */
const LONG_SECONDS = 120;

describe.concurrent("running", () => {
  test("1: run answers 200 with a PENDING or RUNNING job, which the connection shows as its last", async () => {
    const { id } = await timed(LONG_SECONDS);
    const job = await run(sluice, id);
    expect(["PENDING", "RUNNING"]).toContain(job.status);
    expect((await describeConnection(sluice, id)).sync?.last_job?.id).toBe(job.id);
  });

  test("2: run while a job is active answers 409, says so and carries the job", async () => {
    const { id } = await timed(LONG_SECONDS);
    const job = await run(sluice, id);
    const second = await sluice.call("POST", `/source-connections/${id}/run`);
    expect(second.status).toBe(409);
    const refusal = jobRefusalSchema.parse(second.body);
    expect(refusal.detail).toMatch(/already (pending|running)/);
    expect(refusal.job.id).toBe(job.id);
  });

  test("3: run after a completed job answers 200 with a new one; the list has both, newest first", async () => {
    const { id } = await stub();
    const first = await runToEnd(sluice, id);
    const second = await runToEnd(sluice, id);
    expect([first.status, second.status]).toEqual(["COMPLETED", "COMPLETED"]);
    expect((await listJobs(sluice, id)).map((job) => job.id)).toEqual([second.id, first.id]);
  });

  test("8 and 9: a job goes from PENDING over RUNNING to COMPLETED and has its times", async () => {
    const { id } = await timed(1);
    const seen = new Set<string>();
    const job = await run(sluice, id);
    seen.add(job.status);
    const ended = await untilJob(sluice, job, "has ended", ({ status }) => {
      seen.add(status);
      return status === "COMPLETED";
    });
    expect([...seen].filter((status) => status !== "PENDING")).toEqual(["RUNNING", "COMPLETED"]);
    for (const status of seen) expect(jobStatusSchema.safeParse(status).success).toBe(true);
    expect(Date.parse(ended.completed_at ?? "")).toBeGreaterThanOrEqual(Date.parse(ended.started_at ?? ""));
    expect(ended.duration_seconds).toBeGreaterThan(0.9);
    expect(countsOf(ended)).toMatchObject({ inserted: 21, failed: 0 });
  });

  test("while a job runs, the connection is syncing and the counts grow", async () => {
    const { id } = await timed(LONG_SECONDS, { config: { entity_count: 1_000, duration_seconds: LONG_SECONDS } });
    const job = await run(sluice, id);
    await untilJob(sluice, job, "counts", ({ entities_inserted }) => entities_inserted > 1);
    expect((await describeConnection(sluice, id)).status).toBe("syncing");
  });
});

describe("cancelling", () => {
  test("4: a running job is cancelled within a second", async () => {
    const { id } = await timed(LONG_SECONDS);
    const job = await run(sluice, id);
    await untilJob(sluice, job, "runs", ({ status }) => status === "RUNNING");
    expect(["CANCELLING", "CANCELLED"]).toContain(jobIn(await cancel(sluice, id, job.id)).status);
    const cancelled = await untilJob(sluice, job, "is cancelled", ({ status }) => status === "CANCELLED", 1_000);
    expect(cancelled).toMatchObject({
      error: null,
      completed_at: expect.any(String),
      duration_seconds: expect.any(Number),
    });
  });

  test("5: an unknown job is 404, under a known connection, an unknown one and another one", async () => {
    const [one, other] = await Promise.all([stub(), stub()]);
    const job = await runToEnd(sluice, one.id);
    for (const [id, jobId] of [
      [one.id, UNKNOWN_ID],
      [UNKNOWN_ID, UNKNOWN_ID],
      [UNKNOWN_ID, job.id],
      [other.id, job.id],
    ] as const) {
      expect(await cancel(sluice, id, jobId)).toMatchObject({ status: 404, body: { detail: expect.any(String) } });
    }
  });

  test("6: a completed job can't be cancelled: 409 with the job, which stays as it is", async () => {
    const { id } = await stub();
    const job = await runToEnd(sluice, id);
    const answer = await cancel(sluice, id, job.id);
    expect(answer.status).toBe(409);
    const refusal = jobRefusalSchema.parse(answer.body);
    expect(refusal.detail.toLowerCase()).toContain("cannot cancel");
    expect(refusal.job).toEqual(job);
    expect(await readJob(sluice, id, job.id)).toEqual(job);
  });

  test("7: run right after a cancel is 409, or 200 if the job has ended; afterwards it works", async () => {
    const { id } = await timed(LONG_SECONDS);
    const job = await run(sluice, id);
    await cancel(sluice, id, job.id);
    const early = await sluice.call("POST", `/source-connections/${id}/run`);
    expect([200, 409]).toContain(early.status);
    await untilEnded(sluice, job);
    const late = await sluice.call("POST", `/source-connections/${id}/run?on_conflict=attach`);
    expect(jobIn(late).id).not.toBe(job.id);
  });

  test("10: cancelled again and again, each answer is 200 or 409, and the job ends CANCELLED", async () => {
    const { id } = await timed(LONG_SECONDS);
    const job = await run(sluice, id);
    const answers = await Promise.all(Array.from({ length: 5 }, () => cancel(sluice, id, job.id)));
    for (const { status } of answers) expect([200, 409]).toContain(status);
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    expect(await untilEnded(sluice, job)).toMatchObject({ status: "CANCELLED" });
  });

  test.for([
    ["early", 10, 1, ["CANCELLED"]],
    ["midway", 4, 10, ["CANCELLED"]],
    ["near the end", 1, 20, ["CANCELLED", "COMPLETED"]],
  ] as const)("11: a cancel %s ends the job and keeps what was committed", async ([, seconds, entities, ends]) => {
    const { id } = await timed(seconds);
    const job = await run(sluice, id);
    await untilJob(sluice, job, `has ${entities} entities`, (now) => now.entities_inserted >= entities);
    await cancel(sluice, id, job.id);
    const ended = await untilEnded(sluice, job);
    expect(ends).toContain(ended.status);
    expect((await exportCopy(sluice, id)).size).toBe(ended.entities_inserted);
  });

  test("a later run completes what a cancelled one began, and inserts only the rest", async () => {
    const { id } = await timed(2);
    const job = await run(sluice, id);
    await untilJob(sluice, job, "has entities", ({ entities_inserted }) => entities_inserted >= 5);
    await cancel(sluice, id, job.id);
    const cancelled = await untilEnded(sluice, job);
    const next = await runToEnd(sluice, id);
    expect(cancelled.entities_inserted + next.entities_inserted).toBe(21);
    expect(next).toMatchObject({ status: "COMPLETED", entities_updated: 0, entities_deleted: 0 });
  });
});

describe.concurrent("deleting", () => {
  test("12: a connection is deleted while its job runs: 200, afterwards 404", async () => {
    const { id } = await timed(LONG_SECONDS);
    const job = await run(sluice, id);
    await untilJob(sluice, job, "runs", ({ status }) => status === "RUNNING");
    expect(await sluice.call("DELETE", `/source-connections/${id}`)).toMatchObject({ status: 200, body: { id } });
    await expectGone(id, job.id);
  });

  test.for(["one running", "several running", "mixed", "cancelling", "completed"] as const)(
    "13: a collection with %s jobs is deleted with everything in it",
    async (kind) => {
      const created = await sluice.call("POST", "/collections", { body: { name: `Doomed ${kind}` } });
      const { readable_id } = collectionSchema.parse(created.body);
      const within = { readable_collection_id: readable_id };
      const running = async () => {
        const { id } = await timed(LONG_SECONDS, within);
        return { id, job: await run(sluice, id) };
      };
      const completed = async () => {
        const { id } = await timed(0.1, within);
        return { id, job: await runToEnd(sluice, id) };
      };
      const cancelling = async () => {
        const { id, job } = await running();
        return { id, job: jobIn(await cancel(sluice, id, job.id)) };
      };
      const makers = {
        "one running": [running],
        "several running": [running, running, running],
        mixed: [running, completed, cancelling],
        cancelling: [cancelling],
        completed: [completed],
      }[kind];
      const connections = await Promise.all(makers.map((make) => make()));
      expect(await sluice.call("DELETE", `/collections/${readable_id}`)).toMatchObject({ status: 200 });
      expect(await sluice.call("GET", `/collections/${readable_id}`)).toMatchObject({ status: 404 });
      for (const { id, job } of connections) await expectGone(id, job.id);
      expect(await sluice.call("GET", `/source-connections?collection=${readable_id}`)).toMatchObject({ body: [] });
    },
  );

  test("14: create, run, cancel and delete in quick succession leave nothing behind", async () => {
    const ids = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const { id } = await timed(LONG_SECONDS);
        const job = await run(sluice, id);
        await cancel(sluice, id, job.id);
        await sluice.call("DELETE", `/source-connections/${id}`);
        await expectGone(id, job.id);
        return id;
      }),
    );
    const listed = await sluice.call("GET", "/source-connections?limit=1000");
    for (const id of ids) expect(listed.text).not.toContain(id);
  });
});

describe.concurrent("continuing", () => {
  test("15: only what is new is read: 6 entities, then 5 more, then nothing; 11 in all", async () => {
    const { id } = await incremental(5);
    const first = await runToEnd(sluice, id);
    expect(countsOf(first)).toMatchObject({ inserted: 6, updated: 0, deleted: 0 });
    expect(first.sync_mode).toBe("full");
    await resize(id, 10);
    const second = await runToEnd(sluice, id);
    expect(countsOf(second)).toMatchObject({ inserted: 5, updated: 1, deleted: 0 });
    expect(second.sync_mode).toBe("incremental");
    expect(countsOf(await runToEnd(sluice, id))).toMatchObject({ inserted: 0, updated: 0, deleted: 0 });
    expect((await describeConnection(sluice, id)).entities?.total_entities).toBe(11);
  });

  test("16: after a shrink from 5 to 3 a forced full sync inserts nothing and deletes 2; an incremental one none", async () => {
    const { id } = await incremental(5);
    await runToEnd(sluice, id);
    await resize(id, 3);
    expect(countsOf(await runToEnd(sluice, id))).toMatchObject({ inserted: 0, deleted: 0 });
    const full = await runToEnd(sluice, id, "?force_full_sync=true");
    expect(full).toMatchObject({ status: "COMPLETED", sync_mode: "full" });
    expect(countsOf(full)).toMatchObject({ inserted: 0, deleted: 2 });
    expect((await exportCopy(sluice, id)).size).toBe(4);
  });
});

describe("failing", () => {
  test("17: a connection that will fail later is created active", async () => {
    expect(await connect(sluice, failing({ trigger_after: 0 }))).toMatchObject({ status: "active", sync: null });
  });

  test("17: credentials that the source refuses are a 400 that says so, and nothing is created", async () => {
    const before = await sluice.call("GET", "/source-connections?limit=1000");
    const message = "Those credentials are no good.";
    const answer = await tryToConnect(sluice, failing({ fail_on_validate: true, error_message: message }));
    expect(answer).toMatchObject({ status: 400, body: { detail: message } });
    expect((await sluice.call("GET", "/source-connections?limit=1000")).body).toEqual(before.body);
  });

  test("17: without a trigger the baseline completes", async () => {
    const { id } = await connect(sluice, failing({ trigger_after: 10 }));
    const job = await runToEnd(sluice, id);
    expect(job).toMatchObject({ status: "COMPLETED", entities_inserted: 10, error: null });
  });

  test.for([
    ["at once", 0, 1],
    ["midstream", 5, 6],
    ["after the last entity", -1, 10],
  ] as const)("18: a failure %s ends FAILED with the error, and keeps what was read", async ([, after, kept]) => {
    const { id } = await connect(sluice, failing({ trigger_after: after }));
    const job = await runToEnd(sluice, id);
    expect(job).toMatchObject({
      status: "FAILED",
      error: expect.stringContaining("runtime_error"),
      completed_at: expect.any(String),
      duration_seconds: expect.any(Number),
      entities_inserted: kept,
    });
    expect((await exportCopy(sluice, id)).size).toBe(kept);
    expect((await describeConnection(sluice, id)).status).toBe("error");
  });

  test.for([
    ["source_auth_error", "api_key_invalid"],
    ["source_server_error", "source_unavailable"],
    ["source_rate_limit_error", "rate_limited"],
    ["timeout", "source_unavailable"],
    ["token_expired", "api_key_invalid"],
  ] as const)("19: %s ends FAILED as %s, with the message that the source gave", async ([type, category]) => {
    const message = `Because of ${type}.`;
    const { id } = await connect(sluice, failing({ exception_type: type, error_message: message }));
    const job = await runToEnd(sluice, id);
    expect(job).toMatchObject({ status: "FAILED", error_category: category, entities_inserted: 6 });
    expect(job.error).toContain(message);
    const { status, sync } = await describeConnection(sluice, id);
    expect(status).toBe(category === "api_key_invalid" ? "needs_reauth" : "error");
    expect(sync).toMatchObject({ total_runs: 1, successful_runs: 0, failed_runs: 1 });
  });

  test("19: a failure leaves the same number of entities each time", async () => {
    const { id } = await connect(sluice, failing({ trigger_after: 7 }));
    expect(countsOf(await runToEnd(sluice, id))).toMatchObject({ inserted: 8, kept: 0 });
    expect(countsOf(await runToEnd(sluice, id))).toMatchObject({ inserted: 0, kept: 8 });
  });
});

async function expectGone(id: string, jobId: string): Promise<void> {
  const requests = [
    ["GET", ""],
    ["POST", "/run"],
    ["GET", "/jobs"],
    ["GET", `/jobs/${jobId}`],
    ["POST", `/jobs/${jobId}/cancel`],
    ["GET", "/entities"],
    ["GET", "/entities/export"],
    ["GET", "/changes"],
    ["DELETE", ""],
  ] as const;
  for (const [method, path] of requests) {
    const { status } = await sluice.call(method, `/source-connections/${id}${path}`);
    expect(`${method} ${path}: ${status}`).toBe(`${method} ${path}: 404`);
  }
}
