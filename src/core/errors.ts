import type { Job } from "./job.ts";

/** Everything a caller can be refused with. `http/error-response.ts` maps each code to a status. */
export const ERROR_CODES = [
  "unauthenticated",
  "forbidden",
  "not_found",
  "invalid",
  "already_exists",
  "conflict",
  "job_active",
  "job_finished",
  "source_refused",
  "source_rate_limited",
  "source_unreachable",
  "body_too_large",
  "unsupported_media_type",
  "rate_limited",
  "signature_invalid",
  "delivery_invalid",
  "unavailable",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** One finding of validation, in the shape FastAPI made common. */
export interface Issue {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
}

/** Why a request was refused: plain data, so that it can cross RPC. */
export interface Refusal {
  readonly code: ErrorCode;
  /** A sentence that says what was wrong, where, and what to do. Holds no secret. */
  readonly message: string;
  /** For `invalid`: where exactly. */
  readonly issues?: readonly Issue[];
  /** For `job_active` and `job_finished`: the job in question. */
  readonly job?: Job;
  /** For rate limits: whole seconds to wait. */
  readonly retryAfterSeconds?: number;
}

/** An answer that crosses RPC: expected refusals are values, exceptions are for faults. */
export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

export function accepted<T>(value: T): Reply<T> {
  return { ok: true, value };
}

export function refused(refusal: Refusal): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal };
}

/** A refusal as an exception, for code above the RPC boundary; caught in one place, `http/app.ts`. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}
