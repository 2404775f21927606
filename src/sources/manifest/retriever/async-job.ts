import { z } from "zod";

import type { Json } from "#core/json";

const json: z.ZodType<Json> = z.json();

/** What an answer about a job contributes to the templates of later requests. */
const answerSchema = z.record(z.string(), json);

/**
 * Where a report that the API prepares on its side stands. It is a page token: the read can be continued from it, by
 * another process, in the middle of waiting.
 */
export const asyncJobSchema = z.discriminatedUnion("phase", [
  z.object({
    phase: z.literal("create"),
    /** Jobs for this slice that failed. */
    failures: z.int(),
  }),
  z.object({
    phase: z.literal("poll"),
    failures: z.int(),
    polls: z.int(),
    /** Epoch milliseconds at which the job was created. */
    createdAt: z.number(),
    creation: answerSchema,
  }),
  z.object({
    phase: z.literal("download"),
    creation: answerSchema,
    polling: answerSchema,
    /** What is still to be downloaded; the first is under way. */
    targets: z.array(z.string()),
    /** The page of that, for downloads that have pages. */
    token: json,
  }),
]);
export type AsyncJob = z.infer<typeof asyncJobSchema>;
export type Answer = z.infer<typeof answerSchema>;

export const JOB_STATUSES = ["running", "completed", "failed", "timeout", "skipped"] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** The API's words for how a job stands, by what they mean. */
export const statusMapping: z.ZodType<ReadonlyMap<string, JobStatus>> = z
  .object({
    running: z.array(z.string()),
    completed: z.array(z.string()),
    failed: z.array(z.string()),
    timeout: z.array(z.string()),
    skipped: z.array(z.string()).default([]),
  })
  .transform(
    (words) => new Map(JOB_STATUSES.flatMap((status) => words[status].map((word) => [word, status] as const))),
  );
