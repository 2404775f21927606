import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { fire, isSameSchedule, NO_PLAN, nextDueAt, settled, type Plan, type Schedule } from "#core/schedule";
import { AT, HOUR_MS } from "#test/support/builders";

const SPREAD = { key: "connection", jitterMs: 0 };
const MINUTE_MS = 60_000;

function aSchedule(overrides: Partial<Schedule> = {}): Schedule {
  return {
    cron: "0 * * * *",
    timezone: "UTC",
    full_sync_cron: null,
    continuous: false,
    cursor_field: null,
    ...overrides,
  };
}

/** A plan that was made at AT, 09:30. */
function planOf(schedule: Schedule): Plan {
  return settled(NO_PLAN, schedule, false, AT, SPREAD);
}

function fireAt(now: number, schedule: Schedule, overrides: Partial<Parameters<typeof fire>[2]> = {}) {
  const plan = planOf(schedule);
  return fire(plan, schedule, { dueAt: nextDueAt(plan) ?? 0, now, activeMode: null, spread: SPREAD, ...overrides });
}

const TEN = AT + HOUR_MS / 2;

describe("a plan", () => {
  test("has the next times of both crons, and the sweep comes for the earlier", () => {
    const plan = planOf(aSchedule({ full_sync_cron: "45 9 * * *" }));
    expect(plan).toMatchObject({ nextRunAt: TEN, nextFullAt: AT + 15 * MINUTE_MS });
    expect(nextDueAt(plan)).toBe(AT + 15 * MINUTE_MS);
    expect(nextDueAt(planOf(aSchedule()))).toBe(TEN);
    expect(nextDueAt(NO_PLAN)).toBeNull();
  });

  test("keeps a time that is due already: settling again must not lose it", () => {
    const schedule = aSchedule();
    expect(settled(planOf(schedule), schedule, false, TEN + HOUR_MS, SPREAD).nextRunAt).toBe(TEN);
  });

  test("has no times while it is paused or gone, and makes none up for what passed meanwhile", () => {
    const schedule = aSchedule();
    const paused = settled(planOf(schedule), schedule, true, TEN, SPREAD);
    expect(paused).toMatchObject({ nextRunAt: null, nextFullAt: null });
    expect(settled(planOf(schedule), null, false, TEN, SPREAD).nextRunAt).toBeNull();
    expect(settled(paused, schedule, false, TEN + 5 * HOUR_MS + 1, SPREAD).nextRunAt).toBe(TEN + 6 * HOUR_MS);
  });
});

describe("a due time", () => {
  test("starts a run and moves on to the next", () => {
    const { verdict, plan } = fireAt(TEN, aSchedule());
    expect(verdict).toBe("start");
    expect(plan).toMatchObject({ nextRunAt: TEN + HOUR_MS, skippedCount: 0 });
  });

  test("starts nothing a second time, whoever calls", () => {
    const schedule = aSchedule();
    const { plan } = fireAt(TEN, schedule);
    const again = { now: TEN, activeMode: null, spread: SPREAD };
    expect(fire(plan, schedule, { ...again, dueAt: TEN })).toEqual({ verdict: "repeated", plan });
    expect(fire(plan, schedule, { ...again, dueAt: TEN - HOUR_MS })).toEqual({ verdict: "not_due", plan });
  });

  test("has come although the object's clock is a little behind, and then not once more when it has caught up", () => {
    const early = fireAt(TEN - 1_000, aSchedule());
    expect(early).toMatchObject({ verdict: "start", plan: { nextRunAt: TEN + HOUR_MS } });
    expect(fireAt(TEN - MINUTE_MS, aSchedule()).verdict).toBe("not_due");
  });

  test("that was missed by days is one run, not one for each time", () => {
    const { verdict, plan } = fireAt(TEN + 72 * HOUR_MS + 1, aSchedule());
    expect([verdict, plan.nextRunAt]).toEqual(["start", TEN + 73 * HOUR_MS]);
  });

  test("of both crons is one full sync", () => {
    const { verdict, plan } = fireAt(TEN, aSchedule({ full_sync_cron: "0 10 * * *" }));
    expect(verdict).toBe("start_full");
    expect(plan).toMatchObject({ nextRunAt: TEN + HOUR_MS, nextFullAt: TEN + 24 * HOUR_MS });
  });

  test("of the full sync alone leaves the other alone", () => {
    const { verdict, plan } = fireAt(AT + 15 * MINUTE_MS, aSchedule({ full_sync_cron: "45 9 * * *" }));
    expect([verdict, plan.nextRunAt]).toEqual(["start_full", TEN]);
  });

  test("is skipped while a job is active, and that shows", () => {
    const { verdict, plan } = fireAt(TEN + 5, aSchedule(), { activeMode: "incremental" });
    expect(verdict).toBe("skip");
    expect(plan).toMatchObject({ nextRunAt: TEN + HOUR_MS, lastSkippedAt: TEN + 5, skippedCount: 1 });
  });

  test("of a full sync waits for an incremental job to end, or a busy connection would never have one", () => {
    const schedule = aSchedule({ full_sync_cron: "0 10 * * *" });
    expect(fireAt(TEN, schedule, { activeMode: "incremental" })).toMatchObject({
      verdict: "queue_full",
      plan: { skippedCount: 0 },
    });
    expect(fireAt(TEN, schedule, { activeMode: "full" })).toMatchObject({ verdict: "skip", plan: { skippedCount: 1 } });
  });
});

test("however calls come, at most one run begins for each time that has come, and none goes without", () => {
  const calls = fc.array(fc.record({ after: fc.integer({ min: 0, max: 200 }), stale: fc.boolean() }), { minLength: 1 });
  fc.assert(
    fc.property(calls, fc.constantFrom("0 * * * *", "*/5 * * * *", "17 3 * * *"), (steps, cron) => {
      const schedule = aSchedule({ cron });
      let plan = planOf(schedule);
      let now = AT;
      let lastDueAt = 0;
      for (const { after, stale } of steps) {
        now += after * MINUTE_MS;
        const dueAt = plan.nextRunAt ?? 0;
        const isDue = dueAt <= now;
        const fired = fire(plan, schedule, { dueAt: stale ? lastDueAt : dueAt, now, activeMode: null, spread: SPREAD });
        expect(fired.verdict === "start").toBe(isDue);
        expect((fired.plan.nextRunAt ?? 0) > now).toBe(true);
        expect(fired.plan === plan).toBe(!isDue);
        lastDueAt = dueAt;
        plan = fired.plan;
      }
    }),
  );
});

test("schedules are the same where they mean the same times", () => {
  expect(isSameSchedule(aSchedule(), aSchedule({ continuous: true }))).toBe(true);
  expect(isSameSchedule(null, null)).toBe(true);
  for (const other of [
    null,
    aSchedule({ cron: "1 * * * *" }),
    aSchedule({ timezone: "Asia/Tokyo" }),
    aSchedule({ full_sync_cron: "0 1 * * *" }),
  ]) {
    expect(isSameSchedule(aSchedule(), other)).toBe(false);
  }
});
