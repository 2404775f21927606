import { beforeAll, describe, expect, test } from "vitest";

import type { JsonObject } from "#core/json";
import { httpApiBudget } from "#sources/manifest/requester/api-budget";
import { apiBudget } from "#sources/manifest/requester/api-budget-family";
import { callRatePolicy, type Call } from "#sources/manifest/requester/call-rate-policy";
import { fixedWindowCallRatePolicy } from "#sources/manifest/requester/fixed-window-call-rate-policy";
import { movingWindowCallRatePolicy } from "#sources/manifest/requester/moving-window-call-rate-policy";
import { unlimitedCallRatePolicy } from "#sources/manifest/requester/unlimited-call-rate-policy";
import { SourceFailure } from "#sources/source";
import { apiResponse } from "#test/support/api-response";
import { manifestScope } from "#test/support/manifest-scope";

beforeAll(() => {
  apiBudget.join([httpApiBudget]);
  callRatePolicy.join([fixedWindowCallRatePolicy, movingWindowCallRatePolicy, unlimitedCallRatePolicy]);
});

const DAY = 86_400_000;

describe("a moving window", () => {
  const twoAMinute = { type: "MovingWindowCallRatePolicy", rates: [{ limit: 2, interval: "PT1M" }], matchers: [] };

  test("has room again once the oldest call has left it", () => {
    const { at, call } = budget([twoAMinute]);
    expect([at(0, call), at(10_000, call), at(20_000, call)]).toEqual([null, null, 60_001]);
    expect([at(60_000, call), at(60_001, call), at(60_002, call)]).toEqual([60_001, null, 70_001]);
  });

  test("of several rates waits for the one that is free last", () => {
    const rates = [
      { limit: "{{ config['burst'] }}", interval: "PT1S" },
      { limit: 3, interval: "PT1M" },
    ];
    const { at, call } = budget([{ ...twoAMinute, rates }], { burst: 1 });
    expect([at(0, call), at(1, call), at(2000, call), at(4000, call), at(6000, call)]).toEqual([
      null,
      1001,
      null,
      null,
      60_001,
    ]);
  });

  test("counts a call for as much as its matcher weighs it", () => {
    const matchers = [{ url_path_pattern: "/heavy", weight: 2 }, {}];
    const { at, call } = budget([{ ...twoAMinute, matchers }]);
    const heavy = { ...call, url: "https://api.example.com/heavy" };
    expect([at(0, call), at(1000, heavy), at(2000, call), at(3000, heavy)]).toEqual([null, 60_001, null, 62_001]);
  });

  test("that a call never fits into is a mistake, and not waited for", () => {
    const { at, call } = budget([{ ...twoAMinute, matchers: [{ weight: 3 }] }]);
    expect(() => at(0, call)).toThrow(/counts? for 3 calls, and allows 2/);
  });

  test("is full once the API says that nothing remains", () => {
    const { at, call, answer } = budget([twoAMinute]);
    at(0, call);
    answer(1000, { status: 429 });
    expect(at(1001, call)).toBe(60_001);
    expect(at(60_001, call)).toBe(null);
  });
});

describe("a fixed window", () => {
  const two = { type: "FixedWindowCallRatePolicy", period: "PT1H", call_limit: 2, matchers: [] };

  test("lasts until the API says when it ends, and then a period at a time", () => {
    const { at, call, answer } = budget([two]);
    expect([at(0, call), at(1, call), at(2, call)]).toEqual([null, null, 10 * DAY + 1]);
    answer(3, { headers: { "RateLimit-Reset": "60" } });
    expect(at(4, call)).toBe(60_001);
    expect([at(60_001, call), at(60_002, call), at(60_003, call)]).toEqual([null, null, 3_660_001]);
  });

  test("believes the API where it has less left, and not where it has more", () => {
    const { at, call, answer } = budget([{ ...two, call_limit: 5 }]);
    answer(0, { headers: { "ratelimit-remaining": "1", "ratelimit-reset": "60" } });
    answer(0, { headers: { "ratelimit-remaining": "100" } });
    expect([at(1, call), at(2, call)]).toEqual([null, 60_001]);
  });

  test("reads the headers that the manifest names", () => {
    const names = { ratelimit_remaining_header: "X-Left", ratelimit_reset_header: "X-Reset" };
    const { at, call, answer } = budget([two], {}, names);
    answer(0, { headers: { "x-left": "0", "x-reset": "60" } });
    expect(at(1, call)).toBe(60_001);
  });
});

describe("the first policy that is about a call counts", () => {
  test.each<[JsonObject, Partial<Call>, boolean]>([
    [{}, {}, true],
    [{ method: "get" }, {}, true],
    [{ method: "POST" }, {}, false],
    [{ url_base: "https://api.example.com/" }, {}, true],
    [{ url_base: "https://api.example.com" }, { url: "https://other.example.com/" }, false],
    [{ url_path_pattern: "^/v[12]/things$" }, { url: "https://api.example.com/v1/things/?page=2" }, true],
    [{ url_path_pattern: "/v[12]/th$" }, {}, false],
    [{ params: { page: 2 } }, { url: "https://api.example.com/?page=2&x=1" }, true],
    [{ params: { page: 2 } }, { url: "https://api.example.com/?page=3" }, false],
    [{ headers: { "X-Kind": "a" } }, { headers: { "x-kind": "a" } }, true],
    [{ headers: { "X-Kind": "a" } }, { headers: { "x-kind": "b" } }, false],
  ])("%j is about %j: %s", (matcher, overrides, isAbout) => {
    const none = { type: "MovingWindowCallRatePolicy", rates: [{ limit: 1, interval: "PT1M" }], matchers: [matcher] };
    const { at, call } = budget([none]);
    const one = { ...call, ...overrides };
    expect([at(0, one), at(0, one)]).toEqual([null, isAbout ? 60_001 : null]);
  });

  test("and exempts it, if that is what it is for", () => {
    const limit = { type: "MovingWindowCallRatePolicy", rates: [{ limit: 1, interval: "PT1M" }], matchers: [] };
    const { at, call } = budget([
      { type: "UnlimitedCallRatePolicy", matchers: [{ url_path_pattern: "^/free" }] },
      limit,
    ]);
    const free = { ...call, url: "https://api.example.com/free" };
    expect([at(0, free), at(0, free), at(0, call), at(0, call)]).toEqual([null, null, null, 60_001]);
  });
});

test.each([
  [{ interval: "P1M", limit: 1 }, "Months and years differ in length"],
  [{ interval: "1 minute", limit: 1 }, "ISO 8601 duration"],
  [{ interval: "PT0S", limit: 1 }, "longer than nothing"],
])("the rate %j is refused when the manifest is checked", (rate, message) => {
  const policies = [{ type: "MovingWindowCallRatePolicy", rates: [rate], matchers: [] }];
  const { error } = apiBudget.schema.safeParse({ type: "HTTPAPIBudget", policies });
  expect(error?.issues[0]).toMatchObject({
    path: ["policies", "0", "rates", "0", "interval"],
    message: expect.stringContaining(message),
  });
});

/** A budget with a clock of its own. */
function budget(policies: readonly JsonObject[], config: JsonObject = {}, fields: JsonObject = {}) {
  let now = 0;
  const call: Call = { method: "GET", url: "https://api.example.com/v1/things", headers: {} };
  const definition = { type: "HTTPAPIBudget", policies, ...fields };
  const built = apiBudget.schema.parse(definition)(manifestScope(config, { now: () => now }));
  return {
    call,
    /** When the call can be made that is tried at that time; null for at once. */
    at: (time: number, one: Call): number | null => {
      now = time;
      try {
        built.acquire(one);
        return null;
      } catch (error) {
        if (error instanceof SourceFailure && error.failure.kind === "rate_limit") return error.failure.retryAt;
        throw error;
      }
    },
    answer: (time: number, response: Parameters<typeof apiResponse>[0]) => {
      now = time;
      built.update(call, apiResponse(response));
    },
  };
}
