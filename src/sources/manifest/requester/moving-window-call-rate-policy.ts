import { z } from "zod";

import { SourceFailure } from "#sources/source";
import { defineComponent } from "#sources/manifest/component";
import { text } from "#sources/manifest/text";
import { isAbout, weightOf } from "./call-matcher.ts";
import type { CallRatePolicy } from "./call-rate-policy.ts";
import { httpRequestRegexMatcher } from "./http-request-regex-matcher.ts";
import { isoDuration } from "./iso-duration.ts";
import { refuseWeight } from "./refuse-weight.ts";

interface Made {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly weight: number;
}

/** So many calls in any stretch of time of a length; several such limits hold at once. */
export const movingWindowCallRatePolicy = defineComponent({
  type: "MovingWindowCallRatePolicy",
  fields: z.object({
    rates: z.array(z.object({ limit: text, interval: isoDuration })).min(1),
    matchers: z.array(httpRequestRegexMatcher.schema),
  }),
  build(fields, scope): CallRatePolicy {
    const matchers = fields.matchers.map((matcher) => matcher(scope));
    const rates = fields.rates.map(({ limit, interval }) => ({ limit: limitOf(limit(scope).value()), interval }));
    const longest = Math.max(...rates.map(({ interval }) => interval));
    const strictest = Math.min(...rates.map(({ limit }) => limit));
    let made: readonly Made[] = [];
    const count = (at: number, weight: number) => {
      made = [...made.filter((one) => one.at > at - longest), { at, weight }];
    };
    const roomIn = ({ limit, interval }: Rate, now: number) => limit - used(made, now - interval);
    return {
      isAbout: (call) => isAbout(matchers, call),
      acquire(call, now) {
        const weight = weightOf(matchers, call);
        refuseWeight(weight, strictest);
        const free = Math.max(...rates.map((rate) => freeFrom(made, rate, weight, now)));
        if (free > now) return free;
        count(now, weight);
        return null;
      },
      update({ remaining, resetAt, now }) {
        // A time for when the window ends says nothing about a window that moves.
        if (remaining !== 0 || resetAt !== null) return;
        const room = Math.min(...rates.map((rate) => roomIn(rate, now)));
        if (room > 0) count(now, room);
      },
    };
  },
});

interface Rate {
  readonly limit: number;
  /** Milliseconds. */
  readonly interval: number;
}

/** The time from which a call of that weight fits: `now`, or when enough of the oldest calls have left the window. */
function freeFrom(made: readonly Made[], { limit, interval }: Rate, weight: number, now: number): number {
  let excess = used(made, now - interval) + weight - limit;
  if (excess <= 0) return now;
  for (const one of made) {
    if (one.at < now - interval) continue;
    excess -= one.weight;
    if (excess <= 0) return one.at + interval + 1;
  }
  return now + interval + 1;
}

function used(made: readonly Made[], since: number): number {
  return made.reduce((sum, one) => (one.at >= since ? sum + one.weight : sum), 0);
}

function limitOf(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value > 0) return value;
  throw new SourceFailure({
    kind: "bad_request",
    message: "A limit in the manifest's api_budget is no whole number from 1. Correct it, or the config that it reads.",
    final: true,
  });
}
