import type { Failure } from "#core/failure";
import { SourceFailure } from "#sources/source";

/** What a thrown value means for the job. Anything that is not a SourceFailure is a fault of Sluice's own. */
export function failureOf(error: unknown): Failure {
  if (error instanceof SourceFailure) return error.failure;
  return {
    kind: "internal",
    // The text of an unknown error may hold anything, a secret included; its class is harmless.
    message: `The connector failed unexpectedly (${error instanceof Error ? error.name : typeof error}). This is a fault of Sluice; what was committed is kept.`,
    retryAt: null,
    final: false,
  };
}
