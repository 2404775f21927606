import { expect, test } from "vitest";

import { WakeUp } from "#storage/wake-up";
import { withSql } from "#test/support/connection";

/** Years ahead, so that no alarm goes off by itself. */
const NOW = Date.UTC(2040, 0, 1);

/** A wake-up over the storage of an object, with a clock of its own. */
function withWakeUp(
  use: (wakeUp: WakeUp, alarm: () => Promise<number | null>, clock: { now: number }) => Promise<void>,
) {
  return withSql(async (_sql, storage) => {
    const clock = { now: NOW };
    await use(new WakeUp(storage, () => clock.now), () => storage.getAlarm(), clock);
  });
}

test("the alarm is set for the earliest of what is due", () =>
  withWakeUp(async (wakeUp, alarm) => {
    wakeUp.armFor([NOW + 3_000, null, NOW + 1_000]);
    expect(await alarm()).toBe(NOW + 1_000);
  }));

test.each([NOW, NOW - 5_000])("what is due at %i is set for strictly later than now", (due) =>
  withWakeUp(async (wakeUp, alarm) => {
    wakeUp.armFor([due]);
    expect(await alarm()).toBe(NOW + 1);
  }),
);

test("an alarm that goes off sooner does as well", () =>
  withWakeUp(async (wakeUp, alarm) => {
    wakeUp.armFor([NOW + 1_000]);
    wakeUp.armFor([NOW + 2_000]);
    expect(await alarm()).toBe(NOW + 1_000);
    wakeUp.armFor([NOW + 500]);
    expect(await alarm()).toBe(NOW + 500);
  }));

test("with nothing due there is no alarm", () =>
  withWakeUp(async (wakeUp, alarm) => {
    wakeUp.armFor([NOW + 1_000]);
    wakeUp.armFor([null, null]);
    expect(await alarm()).toBeNull();
  }));

test("after the alarm has gone off the next one is set, later or not", () =>
  withWakeUp(async (wakeUp, alarm, clock) => {
    wakeUp.armFor([NOW + 1_000]);
    clock.now = NOW + 1_000;
    wakeUp.fired();
    wakeUp.armFor([NOW + 9_000]);
    expect(await alarm()).toBe(NOW + 9_000);
  }));

test("an alarm that is a minute overdue counts as lost and is set again", () =>
  withWakeUp(async (wakeUp, alarm, clock) => {
    wakeUp.armFor([NOW + 1_000]);
    clock.now = NOW + 60_000;
    wakeUp.armFor([NOW + 1_000]);
    expect(await alarm()).toBe(NOW + 1_000);
    clock.now = NOW + 61_001;
    wakeUp.armFor([NOW + 1_000]);
    expect(await alarm()).toBe(clock.now + 1);
  }));

test("an object that came back to life arms what is due, since it can't know what it had armed", () =>
  withSql(async (_sql, storage) => {
    new WakeUp(storage, () => NOW).armFor([NOW + 9_000]);
    await storage.deleteAlarm();
    new WakeUp(storage, () => NOW).armFor([NOW + 9_000]);
    expect(await storage.getAlarm()).toBe(NOW + 9_000);
  }));
