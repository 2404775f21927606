import { z } from "@hono/zod-openapi";

import { jobBodySchema } from "./job.ts";

export const refusalSchema = z
  .object({ detail: z.string() })
  .openapi("Refusal", { description: "A sentence that says what to do.", example: { detail: "Collection not found" } });

export const validationRefusalSchema = z
  .object({
    detail: z.array(z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string(), type: z.string() })),
  })
  .openapi("ValidationRefusal", {
    description: "Where the request is wrong, and how.",
    example: {
      detail: [{ loc: ["query", "limit"], msg: "Input should be less than or equal to 1000", type: "too_big" }],
    },
  });

export const jobRefusalSchema = z
  .object({ detail: z.string(), job: jobBodySchema })
  .openapi("JobRefusal", { description: "A refusal, with the job that stands in the way." });
