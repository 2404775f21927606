import { describe, expect, test } from "vitest";

import { RateLimiter } from "#http/rate-limit";

const LIMIT = { requests: 2, windowMs: 1_000 };

describe("RateLimiter", () => {
  test("allows what the limit says, then nothing until the window ends", () => {
    const limiter = new RateLimiter();
    expect(limiter.take("a", LIMIT, 5_000)).toEqual({ allowed: true, limit: 2, remaining: 1, resetAt: 6_000 });
    expect(limiter.take("a", LIMIT, 5_400)).toMatchObject({ allowed: true, remaining: 0, resetAt: 6_000 });
    expect(limiter.take("a", LIMIT, 5_999)).toMatchObject({ allowed: false, remaining: 0, resetAt: 6_000 });
    expect(limiter.take("a", LIMIT, 6_000)).toMatchObject({ allowed: true, remaining: 1, resetAt: 7_000 });
  });

  test("counts each caller alone", () => {
    const limiter = new RateLimiter();
    limiter.take("a", LIMIT, 0);
    limiter.take("a", LIMIT, 0);
    expect(limiter.take("b", LIMIT, 0)).toMatchObject({ allowed: true, remaining: 1 });
  });

  test("can be asked without counting", () => {
    const limiter = new RateLimiter();
    limiter.take("a", LIMIT, 0);
    for (let asked = 0; asked < 5; asked += 1) expect(limiter.peek("a", LIMIT, 0).remaining).toBe(1);
  });

  test("forgets the oldest window when there are more callers than it may remember", () => {
    const limiter = new RateLimiter();
    limiter.take("first", LIMIT, 0);
    for (let caller = 0; caller < 10_000; caller += 1) limiter.take(`caller ${caller}`, LIMIT, 1);
    expect(limiter.peek("first", LIMIT, 1).remaining).toBe(2);
    expect(limiter.peek("caller 9999", LIMIT, 1).remaining).toBe(1);
  });
});
