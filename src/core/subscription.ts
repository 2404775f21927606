import { z } from "zod";

import { eventTypeSchema } from "./event.ts";

/** Newest attempts that a subscription's health is judged by. */
const REMEMBERED = 10;

/** Failures in a row that make a subscription a failing one, as Airweave counts. */
const FAILING_AFTER = 3;

/** A receiver that has answered nothing but failures for so long is not coming back by itself. */
export const DISABLE_AFTER_MS = 5 * 86_400_000;

export const standingSchema = z.object({
  /** The newest attempts, oldest first: `s` for a success, `f` for a failure. */
  recent: z.string(),
  /** Epoch milliseconds of the first failure since the last success; null after a success. */
  failingSince: z.number().nullable(),
  disabled: z.boolean(),
  /** Why, where Sluice did it. */
  disabledReason: z.string().nullable(),
});
/** How deliveries to a subscription have been going. */
export type Standing = z.infer<typeof standingSchema>;

export const NEW_STANDING: Standing = { recent: "", failingSince: null, disabled: false, disabledReason: null };

export const filterTypesSchema = z.array(eventTypeSchema);

export type Health = "healthy" | "degraded" | "failing" | "unknown";

/** `unknown` before the first attempt, `failing` after three failures in a row, `degraded` with any among the last ten. */
export function healthOf({ recent }: Standing): Health {
  if (recent === "") return "unknown";
  if (recent.endsWith("f".repeat(FAILING_AFTER))) return "failing";
  return recent.includes("f") ? "degraded" : "healthy";
}

export type AttemptVerdict = "delivered" | "failed" | "gone";

/** The standing after an attempt at `now`; the same object where the attempt tells nothing new. */
export function afterAttempt(standing: Standing, verdict: AttemptVerdict, now: number): Standing {
  const isSuccess = verdict === "delivered";
  const recent = (standing.recent + (isSuccess ? "s" : "f")).slice(-REMEMBERED);
  const failingSince = isSuccess ? null : (standing.failingSince ?? now);
  const changed = { ...standing, recent, failingSince };
  const reason = standing.disabled ? null : reasonToDisable(verdict, failingSince, now);
  if (reason !== null) return { ...changed, disabled: true, disabledReason: reason };
  return recent === standing.recent && failingSince === standing.failingSince ? standing : changed;
}

/** Switched on, a subscription starts afresh: what failed before counts no more. */
export function switched(standing: Standing, disabled: boolean): Standing {
  return disabled ? { ...standing, disabled, disabledReason: standing.disabledReason } : NEW_STANDING;
}

function reasonToDisable(verdict: AttemptVerdict, failingSince: number | null, now: number): string | null {
  if (verdict === "gone") {
    return "The receiver answered 410 Gone. Enable the subscription again, with recover_since, once it is back.";
  }
  if (failingSince === null || now - failingSince < DISABLE_AFTER_MS) return null;
  return `Every delivery of the last ${DISABLE_AFTER_MS / 86_400_000} days has failed. Enable the subscription again, with recover_since, once the receiver is back.`;
}
