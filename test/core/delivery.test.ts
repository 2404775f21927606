import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { ATTEMPTS, LANES, mayDeliver, nextAttemptAt, paceAfter, type Pace } from "#core/delivery";

const NOW = Date.UTC(2026, 2, 15, 9, 30);
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

const failed = { attempts: 1, now: NOW, random: 0, retryAt: null };

describe("the retry schedule", () => {
  test("is that of Standard Webhooks, and ends after the eighth attempt", () => {
    const pauses = Array.from({ length: ATTEMPTS }, (_, index) => nextAttemptAt({ ...failed, attempts: index + 1 }));
    expect(pauses.map((at) => (at === null ? null : at - NOW))).toEqual([
      5_000,
      5 * MINUTE_MS,
      30 * MINUTE_MS,
      2 * HOUR_MS,
      5 * HOUR_MS,
      10 * HOUR_MS,
      10 * HOUR_MS,
      null,
    ]);
  });

  test("is spread over a tenth more, so that what failed together does not come back together", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: ATTEMPTS - 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempts, random) => {
          const earliest = (nextAttemptAt({ ...failed, attempts }) ?? 0) - NOW;
          const pause = (nextAttemptAt({ ...failed, attempts, random }) ?? 0) - NOW;
          expect(pause).toBeGreaterThanOrEqual(earliest);
          expect(pause).toBeLessThanOrEqual(earliest * 1.1);
        },
      ),
    );
  });

  test("waits for as long as the receiver asks, and never shorter than it would anyway", () => {
    expect(nextAttemptAt({ ...failed, retryAt: NOW + HOUR_MS })).toBe(NOW + HOUR_MS);
    expect(nextAttemptAt({ ...failed, retryAt: NOW + 1 })).toBe(NOW + 5_000);
  });

  test("lets no receiver put a message off for more than a day", () => {
    expect(nextAttemptAt({ ...failed, retryAt: NOW + 365 * 24 * HOUR_MS })).toBe(NOW + 24 * HOUR_MS);
  });
});

describe("the lanes", () => {
  test("leave room for quick receivers, however many slow ones there are", () => {
    const receivers = fc.array(fc.record({ pace: fc.constantFrom<Pace>("slow", "quick", "unknown"), id: fc.nat(20) }), {
      maxLength: 100,
    });
    fc.assert(
      fc.property(receivers, (asking) => {
        const paces = new Map(asking.map(({ id, pace }) => [id, pace]));
        const flights: number[] = [];
        for (const { id } of asking) {
          const pace = paces.get(id) ?? "unknown";
          const traffic = {
            own: flights.filter((other) => other === id).length,
            samePace: flights.filter((other) => paces.get(other) === pace).length,
            total: flights.length,
          };
          if (mayDeliver(pace, traffic)) flights.push(id);
        }
        expect(flights.length).toBeLessThanOrEqual(LANES);
        expect(flights.filter((id) => paces.get(id) === "slow").length).toBeLessThanOrEqual(2);
      }),
    );
  });

  test("let a lone receiver have something under way, whatever its pace", () => {
    for (const pace of ["quick", "unknown", "slow"] as const) {
      expect(mayDeliver(pace, { own: 0, samePace: 0, total: 0 })).toBe(true);
    }
  });

  test("count a receiver as slow when it fails or takes more than two seconds", () => {
    expect(paceAfter(true, 2_000)).toBe("quick");
    expect(paceAfter(true, 2_001)).toBe("slow");
    expect(paceAfter(false, 1)).toBe("slow");
  });
});
