import { kindOfStatus } from "#sources/response-failure";
import { saysRateLimited } from "#sources/retry-after";
import type { ApiResponse } from "#sources/manifest/api-response";
import type { Resolution } from "./error-handler.ts";

/** Statuses that the CDK's default mapping gives up at. */
const FAILING: ReadonlySet<number> = new Set([400, 401, 403, 404, 405]);

/**
 * What to do about an answer that the manifest has no rule for: as the CDK does, which tries statuses that it does not
 * know again; but a 403 that says when to come back is a rate limit.
 */
export function resolutionOfStatus(response: ApiResponse): Resolution {
  const { status } = response;
  if (status < 400) return { action: "SUCCESS" };
  if (status === 429 || (status === 403 && saysRateLimited(new Headers(response.headers)))) {
    return { action: "RATE_LIMITED", kind: "rate_limit", message: "" };
  }
  return { action: FAILING.has(status) ? "FAIL" : "RETRY", kind: kindOfStatus(status), message: "" };
}
