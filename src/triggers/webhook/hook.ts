import { z } from "zod";

import type { Refusal } from "#core/errors";
import type { Job } from "#core/job";
import type { Delivery } from "./delivery.ts";
import { verificationSchema } from "./verification.ts";

export const hookSettingsSchema = z.object({
  verification: verificationSchema,
  /** JMESPath over the body; a delivery of which it is not true starts nothing. */
  condition: z.string().nullable(),
  /** How long it has to have been quiet before a run starts; 0 for at once. */
  debounceSeconds: z.number(),
  /** The header that names a delivery, where the scheme knows none or another is wanted. In lower case. */
  deliveryIdHeader: z.string().nullable(),
});
/** What a connection's owner says about deliveries to its inbound address. */
export type HookSettings = z.infer<typeof hookSettingsSchema>;

export const hookOutcomeSchema = z.enum([
  "started",
  "queued",
  "debounced",
  "held",
  "duplicate",
  "filtered",
  "challenge",
  "refused",
]);
/**
 * What became of a delivery. `started`: a job that had not begun to read stands for it. `queued`: the one run after the
 * active job does. `debounced`: a run will once it has been quiet. `held`: one run will for all that came while the
 * connection was paused, once it is resumed. `challenge`: the sender only asked whether somebody is there.
 */
export type HookOutcome = z.infer<typeof hookOutcomeSchema>;

export const NO_DELIVERIES: Readonly<Record<HookOutcome, number>> = {
  started: 0,
  queued: 0,
  debounced: 0,
  held: 0,
  duplicate: 0,
  filtered: 0,
  challenge: 0,
  refused: 0,
};

/** One delivery, as its connection's owner may see it: nothing of what it said. */
export interface HookDelivery {
  /** Epoch milliseconds, like every `…At`. */
  readonly at: number;
  readonly outcome: HookOutcome;
  /** Why it was refused or filtered; null otherwise. */
  readonly reason: string | null;
  readonly deliveryId: string | null;
  readonly jobId: string | null;
}

/** A connection's inbound address, without its token and its secrets. */
export interface HookSnapshot {
  readonly settings: HookSettings;
  /** How many secrets are accepted. */
  readonly secrets: number;
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** When the token was made. */
  readonly rotatedAt: number;
  /** Until when the token before it is accepted too; null where it is not. */
  readonly previousTokenUntil: number | null;
  /** When the run that accepted deliveries wait for is due; null where none wait, or the connection is paused. */
  readonly waitingUntil: number | null;
  readonly counts: Readonly<Record<HookOutcome, number>>;
  /** The last ones, newest first. */
  readonly deliveries: readonly HookDelivery[];
}

export interface NewHook {
  /** SHA-256 of the token, which is shown once and not kept. */
  readonly tokenHash: string;
  readonly settings: HookSettings;
  readonly secrets: readonly string[];
}

/** Absent fields stay as they are. The verification and its secrets change together. */
export interface HookPatch {
  readonly proof?: { readonly verification: HookSettings["verification"]; readonly secrets: readonly string[] };
  readonly condition?: string | null;
  readonly debounceSeconds?: number;
  readonly deliveryIdHeader?: string | null;
}

export interface NewHookToken {
  readonly tokenHash: string;
  /** How long the token before it is still accepted, so that the sender can be told the new one without a gap. */
  readonly overlapMs: number;
}

/** What came in at an inbound address. A body that was too large is not passed on. */
export interface ReceivedHook {
  readonly tokenHash: string;
  readonly headers: Delivery["headers"];
  readonly body: Delivery["body"] | null;
}

export interface HookAnswer {
  readonly outcome: HookOutcome;
  readonly deliveryId: string | null;
  /** The job that stands for the delivery, or that the follow-up comes after. */
  readonly job: Job | null;
  /** For a challenge: what to answer with. */
  readonly challenge: string | null;
}

/** What is said at an address that leads nowhere, whatever the reason. */
export const UNKNOWN_HOOK: Refusal = {
  code: "not_found",
  message: "There is no webhook at this address. It may have been rotated or deleted.",
};
