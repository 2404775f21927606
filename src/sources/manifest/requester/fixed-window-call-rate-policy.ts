import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { isAbout, weightOf } from "./call-matcher.ts";
import type { CallRatePolicy } from "./call-rate-policy.ts";
import { httpRequestRegexMatcher } from "./http-request-regex-matcher.ts";
import { isoDuration } from "./iso-duration.ts";
import { refuseWeight } from "./refuse-weight.ts";

/** Until the API says otherwise, its window is taken to end after this: long enough that its first answer comes before. */
const UNKNOWN_WINDOW_MS = 10 * 24 * 60 * 60 * 1000;

/** So many calls in each window; when the next one begins is told by the API. */
export const fixedWindowCallRatePolicy = defineComponent({
  type: "FixedWindowCallRatePolicy",
  fields: z.object({ period: isoDuration, call_limit: z.int(), matchers: z.array(httpRequestRegexMatcher.schema) }),
  build(fields, scope): CallRatePolicy {
    const matchers = fields.matchers.map((matcher) => matcher(scope));
    const limit = fields.call_limit;
    let resetAt = scope.now() + UNKNOWN_WINDOW_MS;
    let used = 0;
    const enterWindow = (now: number) => {
      if (now <= resetAt) return;
      resetAt += fields.period;
      used = 0;
    };
    return {
      isAbout: (call) => isAbout(matchers, call),
      acquire(call, now) {
        const weight = weightOf(matchers, call);
        refuseWeight(weight, limit);
        enterWindow(now);
        // One beyond the end, where the next window begins.
        if (used + weight > limit) return Math.max(resetAt, now) + 1;
        used += weight;
        return null;
      },
      update(report) {
        enterWindow(report.now);
        // The manifest's limit may be lower than the API's: only what is less than thought counts.
        if (report.remaining !== null && report.remaining < limit - used) used = limit - report.remaining;
        if (report.resetAt !== null) resetAt = report.resetAt;
      },
    };
  },
});
