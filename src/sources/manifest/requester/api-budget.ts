import { z } from "zod";

import { SourceFailure } from "#sources/source";
import type { ApiResponse } from "#sources/manifest/api-response";
import { defineComponent } from "#sources/manifest/component";
import { callRatePolicy, type Call } from "./call-rate-policy.ts";

/**
 * How many calls the API takes in what time, shared by all streams of an opened source. Its counters last as long as
 * that: the next slice begins with full budgets, and is told by the API's headers what is left.
 */
export interface ApiBudget {
  /** Counts a call that is about to be made. Throws a SourceFailure of kind `rate_limit` where it has to wait. */
  acquire(call: Call): void;
  /** Learns from the answer what is left. */
  update(call: Call, response: ApiResponse): void;
}

/** Limits requests by the first policy that is about them. Those that none is about are free. */
export const httpApiBudget = defineComponent({
  type: "HTTPAPIBudget",
  fields: z.object({
    policies: z.array(callRatePolicy.schema),
    ratelimit_reset_header: z.string().default("ratelimit-reset"),
    ratelimit_remaining_header: z.string().default("ratelimit-remaining"),
    status_codes_for_ratelimit_hit: z.array(z.int()).default([429]),
  }),
  build(fields, scope): ApiBudget {
    const policies = fields.policies.map((policy) => policy(scope));
    const spent = new Set(fields.status_codes_for_ratelimit_hit);
    return {
      acquire(call) {
        const policy = policies.find((one) => one.isAbout(call));
        const freeAt = policy?.acquire(call, scope.now()) ?? null;
        if (freeAt === null) return;
        throw new SourceFailure({
          kind: "rate_limit",
          message: `The manifest's api_budget allows no further call to ${hostOf(call)} now.`,
          retryAt: freeAt,
        });
      },
      update(call, response) {
        const policy = policies.find((one) => one.isAbout(call));
        const remaining = wholeNumber(response.headers[fields.ratelimit_remaining_header.toLowerCase()]);
        const resetSeconds = wholeNumber(response.headers[fields.ratelimit_reset_header.toLowerCase()]);
        policy?.update({
          remaining: remaining ?? (spent.has(response.status) ? 0 : null),
          resetAt: resetSeconds === null ? null : resetSeconds * 1000,
          now: scope.now(),
        });
      },
    };
  },
});

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : null;
}

function hostOf(call: Call): string {
  return new URL(call.url).host;
}
