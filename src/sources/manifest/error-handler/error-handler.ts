import type { FailureKind } from "#core/failure";
import type { ApiResponse } from "#sources/manifest/api-response";
import { createFamily } from "#sources/manifest/family";

/** What to do about an answer. */
export type Resolution =
  | { readonly action: "SUCCESS" }
  /** Goes on without the records of this answer; what was left out proves no deletes. */
  | { readonly action: "IGNORE"; readonly message: string }
  | { readonly action: "RESET_PAGINATION" }
  | {
      readonly action: "FAIL" | "RETRY" | "RATE_LIMITED" | "REFRESH_TOKEN_THEN_RETRY";
      readonly kind: FailureKind;
      readonly message: string;
    };

/** Decides about answers, and how long to wait before the next try. */
export interface ErrorHandler {
  interpret(response: ApiResponse): Resolution;
  /** Tries after the first; null where the manifest does not say, and the job's deadline alone limits them. */
  readonly maxRetries: number | null;
  /** Milliseconds to wait before try number `attempt` + 1; null where no strategy of the manifest applies. */
  backoffMs(response: ApiResponse | null, attempt: number): number | null;
}

export const errorHandler = createFamily<ErrorHandler>("an error handler");
