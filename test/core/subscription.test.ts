import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  afterAttempt,
  DISABLE_AFTER_MS,
  healthOf,
  NEW_STANDING,
  switched,
  type AttemptVerdict,
  type Standing,
} from "#core/subscription";

const NOW = Date.UTC(2026, 2, 15, 9, 30);
const DAY_MS = 86_400_000;

/** The standing after these attempts, a minute apart. */
function after(verdicts: readonly AttemptVerdict[]): Standing {
  return verdicts.reduce(
    (standing, verdict, index) => afterAttempt(standing, verdict, NOW + index * 60_000),
    NEW_STANDING,
  );
}

describe("health", () => {
  test.each<[AttemptVerdict[], string]>([
    [[], "unknown"],
    [["delivered"], "healthy"],
    [["failed"], "degraded"],
    [["failed", "failed", "failed"], "failing"],
    [["failed", "failed", "failed", "delivered"], "degraded"],
    [["delivered", "failed", "delivered"], "degraded"],
    [["failed", ...Array.from({ length: 10 }, () => "delivered" as const)], "healthy"],
  ])("after %j is %s", (verdicts, health) => {
    expect(healthOf(after(verdicts))).toBe(health);
  });
});

describe("a subscription", () => {
  test("is disabled, and says why, by the first failure five days after the last success", () => {
    const failing = afterAttempt(NEW_STANDING, "failed", NOW);
    expect(afterAttempt(failing, "failed", NOW + DISABLE_AFTER_MS - 1).disabled).toBe(false);
    const disabled = afterAttempt(failing, "failed", NOW + DISABLE_AFTER_MS);
    expect(disabled).toMatchObject({ disabled: true, disabledReason: expect.stringContaining("last 5 days") });
  });

  test("that succeeds in between has five days again", () => {
    const failing = afterAttempt(NEW_STANDING, "failed", NOW);
    const recovered = afterAttempt(failing, "delivered", NOW + 4 * DAY_MS);
    const again = afterAttempt(recovered, "failed", NOW + 4.5 * DAY_MS);
    expect(afterAttempt(again, "failed", NOW + 9 * DAY_MS).disabled).toBe(false);
    expect(afterAttempt(again, "failed", NOW + 9.5 * DAY_MS).disabled).toBe(true);
  });

  test("is disabled at once by 410 Gone", () => {
    expect(after(["delivered", "gone"])).toMatchObject({
      disabled: true,
      disabledReason: expect.stringContaining("410"),
    });
  });

  test("that is enabled starts afresh", () => {
    const disabled = after(["failed", "failed", "failed", "gone"]);
    expect(switched(disabled, false)).toEqual(NEW_STANDING);
  });

  test("that its owner disabled gives no reason", () => {
    expect(switched(NEW_STANDING, true)).toMatchObject({ disabled: true, disabledReason: null });
  });

  test("is never disabled while something succeeds within every five days", () => {
    const attempts = fc.array(fc.record({ isSuccess: fc.boolean(), pause: fc.nat(DISABLE_AFTER_MS / 2) }));
    fc.assert(
      fc.property(attempts, (history) => {
        let now = NOW;
        let standing = NEW_STANDING;
        let firstFailure: number | null = null;
        for (const { isSuccess, pause } of history) {
          now += pause;
          standing = afterAttempt(standing, isSuccess ? "delivered" : "failed", now);
          firstFailure = isSuccess ? null : (firstFailure ?? now);
          expect(standing.disabled).toBe(firstFailure !== null && now - firstFailure >= DISABLE_AFTER_MS);
          expect(standing.failingSince).toBe(firstFailure);
          if (standing.disabled) return;
        }
      }),
    );
  });

  test("in good health costs no write for another success", () => {
    const healthy = after(Array.from({ length: 10 }, () => "delivered" as const));
    expect(afterAttempt(healthy, "delivered", NOW + DAY_MS)).toBe(healthy);
  });
});
