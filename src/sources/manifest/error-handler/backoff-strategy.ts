import type { ApiResponse } from "#sources/manifest/api-response";
import { createFamily } from "#sources/manifest/family";

export interface BackoffStrategy {
  /** Milliseconds; null where this strategy has nothing to say about the answer. `attempt` counts tries from 1. */
  backoffMs(response: ApiResponse | null, attempt: number): number | null;
}

export const backoffStrategy = createFamily<BackoffStrategy>("a backoff strategy");
