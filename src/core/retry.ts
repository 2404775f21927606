import { backoffMs } from "./backoff.ts";
import type { Failure, FailureKind } from "./failure.ts";
import type { ErrorCategory } from "./job.ts";

/** How a failure's category reads on the job. */
const CATEGORIES: Record<FailureKind, ErrorCategory> = {
  authentication: "api_key_invalid",
  permission: "permission_denied",
  not_found: "not_found",
  rate_limit: "rate_limited",
  transient: "source_unavailable",
  bad_response: "bad_response",
  bad_request: "bad_request",
  internal: "internal",
};

/** Attempts in a row, without a page in between, before a kind of failure is final. */
const ATTEMPTS: Record<FailureKind, number> = {
  authentication: 1,
  permission: 1,
  not_found: 1,
  bad_request: 1,
  // An answer cut off or garbled on its way is worth another look; one that stays garbled is not.
  bad_response: 4,
  internal: 3,
  // Bounded by the job's deadline only.
  rate_limit: Number.POSITIVE_INFINITY,
  transient: Number.POSITIVE_INFINITY,
};

export type RetryDecision =
  | { readonly type: "retry"; readonly at: number }
  | { readonly type: "give_up"; readonly category: ErrorCategory; readonly message: string };

export interface RetryInput {
  readonly failure: Failure;
  /** Failures in a row, this one included. */
  readonly attempts: number;
  readonly now: number;
  readonly deadlineAt: number;
  /** Between 0 and 1. */
  readonly random: number;
}

/** Retry, and when; or give up, and why. What the source asked for (`retryAt`) is honoured without a cap. */
export function decideRetry({ failure, attempts, now, deadlineAt, random }: RetryInput): RetryDecision {
  const category = CATEGORIES[failure.kind];
  if (failure.final || attempts >= ATTEMPTS[failure.kind]) {
    return { type: "give_up", category, message: failure.message };
  }
  const at = failure.retryAt === null ? now + backoffMs(attempts, random) : Math.max(failure.retryAt, now + 1);
  if (at > deadlineAt) {
    const message = `${failure.message} The next attempt would come after the sync's deadline.`;
    return { type: "give_up", category, message };
  }
  return { type: "retry", at };
}
