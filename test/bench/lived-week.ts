import { z } from "zod";

export const planSchema = z.object({
  /** That it takes the upstream, at its rate limit, to give everything. */
  days: z.number(),
  /** Of the connection's jobs; null for that of the Worker. */
  deadlineSeconds: z.number().nullable(),
});
export type Plan = z.infer<typeof planSchema>;

export const weekSchema = z.object({
  days: z.number(),
  pages: z.number(),
  /** Of each job, oldest first. */
  jobs: z.array(z.object({ status: z.string(), category: z.string().nullable(), inserted: z.number() })),
  /** What was wrong with it. */
  faults: z.array(z.string()),
});
export type Week = z.infer<typeof weekSchema>;
