import * as fc from "fast-check";
import { expect, test } from "vitest";

import { backoffMs } from "#core/backoff";
import { failureKindSchema, type Failure, type FailureKind } from "#core/failure";
import { decideRetry } from "#core/retry";
import type { ErrorCategory } from "#core/job";
import { AT, HOUR_MS } from "#test/support/builders";

const INPUT = { attempts: 1, now: AT, deadlineAt: AT + HOUR_MS, random: 0.5 };

function aFailure(kind: FailureKind, overrides: Partial<Failure> = {}): Failure {
  return { kind, message: "It failed.", retryAt: null, final: false, ...overrides };
}

/** How each kind ends up on the job, and how many attempts in a row it gets; null for as many as the deadline allows. */
const TABLE: Record<FailureKind, { readonly category: ErrorCategory; readonly attempts: number | null }> = {
  authentication: { category: "api_key_invalid", attempts: 1 },
  permission: { category: "permission_denied", attempts: 1 },
  not_found: { category: "not_found", attempts: 1 },
  bad_request: { category: "bad_request", attempts: 1 },
  bad_response: { category: "bad_response", attempts: 4 },
  internal: { category: "internal", attempts: 3 },
  rate_limit: { category: "rate_limited", attempts: null },
  transient: { category: "source_unavailable", attempts: null },
};

const attemptsOf = (kind: FailureKind) => TABLE[kind].attempts ?? Number.POSITIVE_INFINITY;

test.each(failureKindSchema.options.filter((kind) => attemptsOf(kind) > 1))(
  "%s is retried as often as it makes sense",
  (kind) => {
    const attempts = Math.min(attemptsOf(kind) - 1, 1_000);
    expect(decideRetry({ ...INPUT, failure: aFailure(kind), attempts })).toEqual({
      type: "retry",
      at: expect.any(Number),
    });
  },
);

test.each(failureKindSchema.options.filter((kind) => Number.isFinite(attemptsOf(kind))))(
  "%s is given up after its last attempt",
  (kind) => {
    expect(decideRetry({ ...INPUT, failure: aFailure(kind), attempts: attemptsOf(kind) })).toEqual({
      type: "give_up",
      category: TABLE[kind].category,
      message: "It failed.",
    });
  },
);

test.each(failureKindSchema.options)("%s that is final is given up at once", (kind) => {
  const decision = decideRetry({ ...INPUT, failure: aFailure(kind, { final: true }) });
  expect(decision).toMatchObject({ type: "give_up", category: TABLE[kind].category });
});

test("what the source asked for is honoured to the millisecond, however long it is", () => {
  const retryAt = AT + HOUR_MS;
  expect(decideRetry({ ...INPUT, failure: aFailure("rate_limit", { retryAt }) })).toEqual({
    type: "retry",
    at: retryAt,
  });
});

test("a time that has passed already still means later, so that nothing turns into a hot loop", () => {
  const failure = aFailure("rate_limit", { retryAt: AT - 1_000 });
  expect(decideRetry({ ...INPUT, failure })).toEqual({ type: "retry", at: AT + 1 });
});

test("waiting beyond the deadline is given up now, with a sentence that says so", () => {
  const failure = aFailure("rate_limit", { retryAt: AT + HOUR_MS + 1 });
  expect(decideRetry({ ...INPUT, failure })).toEqual({
    type: "give_up",
    category: "rate_limited",
    message: "It failed. The next attempt would come after the sync's deadline.",
  });
});

test("a retry is always later than now and never after the deadline", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...failureKindSchema.options),
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.option(fc.integer({ min: AT - HOUR_MS, max: AT + 2 * HOUR_MS })),
      (kind, attempts, random, retryAt) => {
        const decision = decideRetry({ ...INPUT, failure: aFailure(kind, { retryAt }), attempts, random });
        fc.pre(decision.type === "retry");
        expect(decision.at).toBeGreaterThan(AT);
        expect(decision.at).toBeLessThanOrEqual(AT + HOUR_MS);
        expect(decision.at).toBeGreaterThanOrEqual(retryAt ?? AT);
      },
    ),
  );
});

test("backoff grows with the attempts, up to its cap, and is never nothing", () => {
  expect([1, 2, 3, 4].map((attempts) => backoffMs(attempts, 0.5))).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(backoffMs(1_000, 0.999999)).toBe(300_000);
  expect(backoffMs(1_000, 0.999999, 60_000)).toBe(60_000);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (n, random) => {
        const wait = backoffMs(n, random);
        expect(wait).toBeGreaterThanOrEqual(250);
        expect(wait).toBeLessThanOrEqual(Math.min(300_000, 1_000 * 2 ** n));
        expect(Number.isInteger(wait)).toBe(true);
      },
    ),
  );
});

test("full jitter spreads attempts over the whole interval, so that many jobs do not come back at once", () => {
  expect(backoffMs(5, 0)).toBe(250);
  expect(backoffMs(5, 0.25)).toBe(8_000);
  expect(backoffMs(5, 0.75)).toBe(24_000);
});
