import { z } from "zod";

import { planSchema, scheduleSchema } from "#core/schedule";

// What an auditor reads of an object's documents.

/** Which edition of its records an upstream is asked for. */
export const configSchema = z.object({ edition: z.number().default(0) });

export const storedConnectionSchema = z.object({
  version: z.number(),
  deletedAt: z.number().nullable(),
  config: configSchema,
  schedule: scheduleSchema.nullable(),
  plan: planSchema,
  /** Its owner wants nothing to start by itself. */
  isPaused: z.boolean(),
  credentialsChangedAt: z.number(),
  modifiedAt: z.number(),
  credentials: z.object({ ciphertext: z.string() }),
});
export type StoredConnection = z.infer<typeof storedConnectionSchema>;

/** Deliveries by webhook that a run has yet to stand for. */
export const waitingSchema = z.object({ firstAt: z.number(), lastAt: z.number() });

export const hookSchema = z.object({ settings: z.object({ debounceSeconds: z.number() }) });

/** The run that is to come after the active one. */
export const followUpSchema = z.object({ confirmDeletes: z.boolean() });

/** Whether the streams of a job are known. */
export const planningSchema = z.object({ jobId: z.string(), isPlanned: z.boolean() });
