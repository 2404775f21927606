import { z } from "zod";

export const TIER_NAMES = ["kernel", "core", "whole"] as const;
export const tierNameSchema = z.enum(TIER_NAMES);
/**
 * `kernel`: one connection, transaction by transaction. `core`: one as its object runs it, over plain memory. `whole`: the
 * objects themselves over SQLite and D1. Each is many times slower than the one before.
 */
export type TierName = z.infer<typeof tierNameSchema>;

export const explorationSchema = z.object({
  tier: tierNameSchema,
  seed: z.number(),
  /** Histories to be lived through. */
  runs: z.number(),
  maxSteps: z.number(),
  /** To go straight to a history that failed. */
  path: z.string().nullable(),
  replayPath: z.string().nullable(),
});
/** A look for a history that breaks a promise: with the same seed the same histories, wherever it is done. */
export type Exploration = z.infer<typeof explorationSchema>;

const failureSchema = z.object({
  tier: tierNameSchema,
  seed: z.number(),
  path: z.string(),
  replayPath: z.string(),
  manner: z.string(),
  connections: z.number(),
  isNew: z.boolean(),
  /** Was everything well again in the end? */
  isConcluded: z.boolean(),
  /** What happened, a sentence each. */
  history: z.array(z.string()),
  breach: z.string(),
});
/** The shortest history found that broke a promise. */
export type Failure = z.infer<typeof failureSchema>;

export const findingsSchema = z.object({
  histories: z.number(),
  /** What it took of a processor: on a machine that others use too, a clock on the wall tells less. */
  processorSeconds: z.number(),
  failure: failureSchema.nullable(),
});
/** What was found: the number of histories, and the one that broke a promise. */
export type Findings = z.infer<typeof findingsSchema>;
