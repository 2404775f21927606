import { z } from "@hono/zod-openapi";

import type { App, AppDeps } from "#http/app-env";
import { operation } from "#http/operation";
import { cursor, flag, limit, uuid } from "#http/parameters";
import { valueOf } from "#http/reply";
import { jobBody, jobBodySchema } from "#http/schemas/job";

const tag = "Sync jobs";
const params = z.object({ id: uuid });
const jobParams = z.object({ id: uuid, job_id: uuid });

const run = operation({
  method: "post",
  path: "/v1/source-connections/{id}/run",
  id: "runSourceConnection",
  tag,
  summary: "Start a sync job",
  description: "A connection has at most one active job. A job that was accepted ends COMPLETED, FAILED or CANCELLED.",
  request: {
    params,
    query: z.object({
      force_full_sync: flag("Ignore the cursor and read everything."),
      on_conflict: z.enum(["reject", "attach", "queue"]).default("reject").openapi({
        description:
          "While a job is active: `reject` answers 409 with it, `attach` 200 with it, `queue` 200 with it and one run after it.",
      }),
      confirm_deletes: flag("Let a complete pass delete what would be held back as suspiciously much."),
    }),
    headers: z.object({
      "idempotency-key": z
        .string()
        .regex(/^[\x20-\x7e]{1,255}$/, "Input should be 1 to 255 printable ASCII characters")
        .optional()
        .openapi({ description: "The same key answers with the same job for 24 hours." }),
    }),
  },
  answer: jobBodySchema,
  refusals: ["not_found", "job_active"],
});

const list = operation({
  method: "get",
  path: "/v1/source-connections/{id}/jobs",
  id: "listSyncJobs",
  tag,
  summary: "List a connection's jobs, newest first",
  description:
    "Where there are more, the header `x-next-cursor` has the cursor for the next page, and `Link` its address.",
  request: { params, query: z.object({ limit, cursor }) },
  answer: z.array(jobBodySchema),
  refusals: ["not_found"],
});

const get = operation({
  method: "get",
  path: "/v1/source-connections/{id}/jobs/{job_id}",
  id: "getSyncJob",
  tag,
  summary: "Get a job, live",
  request: { params: jobParams },
  answer: jobBodySchema,
  refusals: ["not_found"],
});

const cancel = operation({
  method: "post",
  path: "/v1/source-connections/{id}/jobs/{job_id}/cancel",
  id: "cancelSyncJob",
  tag,
  summary: "Cancel a job",
  description: "What the job committed stays. Cancelling a job that is being cancelled answers with it.",
  request: { params: jobParams },
  answer: jobBodySchema,
  refusals: ["not_found", "job_finished"],
});

export function jobRoutes(app: App, { gate }: AppDeps): void {
  app.openapi(run, async (c) => {
    const query = c.req.valid("query");
    const reply = await gate(c.env, c.req.valid("param").id).run(c.get("actor").organizationId, {
      trigger: "manual",
      forceFullSync: query.force_full_sync,
      onConflict: query.on_conflict,
      confirmDeletes: query.confirm_deletes,
      idempotencyKey: c.req.valid("header")["idempotency-key"] ?? null,
    });
    return c.json(jobBody(valueOf(reply)));
  });

  app.openapi(list, async (c) => {
    const query = c.req.valid("query");
    const { organizationId } = c.get("actor");
    const request = { limit: query.limit, cursor: query.cursor ?? null };
    const { jobs, nextCursor } = valueOf(await gate(c.env, c.req.valid("param").id).jobs(organizationId, request));
    if (nextCursor !== null) {
      const next = new URLSearchParams({ limit: String(query.limit), cursor: nextCursor });
      c.header("x-next-cursor", nextCursor);
      c.header("link", `<${c.req.path}?${next.toString()}>; rel="next"`);
    }
    return c.json(jobs.map(jobBody));
  });

  app.openapi(get, async (c) => {
    const { id, job_id } = c.req.valid("param");
    const reply = await gate(c.env, id).job(c.get("actor").organizationId, job_id);
    return c.json(jobBody(valueOf(reply)));
  });

  app.openapi(cancel, async (c) => {
    const { id, job_id } = c.req.valid("param");
    const reply = await gate(c.env, id).cancel(c.get("actor").organizationId, job_id);
    return c.json(jobBody(valueOf(reply)));
  });
}
