import { z } from "@hono/zod-openapi";

import type { SourceConnectionRpc, Watched, WatchRequest } from "#connection/rpc";
import { isTerminal } from "#core/job";
import type { App, AppDeps } from "#http/app-env";
import { jobEvents } from "#http/live/job-events";
import { EVENT_STREAM } from "#http/live/server-sent-event";
import { textStream } from "#http/live/text-stream";
import { parsePosition } from "#http/live/watch-position";
import { operation } from "#http/operation";
import { cursor, limit, uuid } from "#http/parameters";
import { valueOf } from "#http/reply";
import { jobProgressSchema } from "#http/schemas/job-events";
import { jobLogBody, jobLogSchema } from "#http/schemas/job-log";
import { unexpectedError } from "#observability/events";
import { log as logLine } from "#observability/log";

const tag = "Sync jobs";
const jobParams = z.object({ id: uuid, job_id: uuid });

const events = operation({
  method: "get",
  path: "/v1/source-connections/{id}/jobs/{job_id}/events",
  id: "watchSyncJob",
  tag,
  summary: "Watch a job, as server-sent events",
  description:
    "`snapshot` first, then `progress` at most twice a second and only when something has changed, `log` for each new entry of the log, `end` last. A client that connects again with `Last-Event-ID` gets what it missed; where that is nothing and the job has ended, the answer is 204, which tells an EventSource to stop. A comment every 15 seconds shows that the connection lives; after five minutes it is closed, and the client connects again.",
  request: {
    params: jobParams,
    headers: z.object({
      "last-event-id": z.string().optional().openapi({ description: "The `id` of the last event that was received." }),
    }),
  },
  answer: { [EVENT_STREAM]: { schema: jobProgressSchema } },
  refusals: ["not_found"],
});

const log = operation({
  method: "get",
  path: "/v1/source-connections/{id}/jobs/{job_id}/log",
  id: "readSyncJobLog",
  tag,
  summary: "Read what happened in a job",
  description:
    "Oldest first. The logs of a connection's last 20 jobs are kept, up to 500 entries of each and how it ended.",
  request: {
    params: jobParams,
    query: z.object({
      limit,
      cursor,
    }),
  },
  answer: jobLogSchema,
  refusals: ["not_found"],
});

export function jobWatchRoutes(app: App, { gate, now }: AppDeps): void {
  const responses = { ...events.responses, 204: { description: "The job has ended, and the client has all of it." } };
  app.openapi({ ...events, responses }, async (c) => {
    const { id, job_id: jobId } = c.req.valid("param");
    const { organizationId } = c.get("actor");
    const connection = gate(c.env, id);
    const from = parsePosition(c.req.valid("header")["last-event-id"] ?? "");
    const seen = { revision: null, logged: from?.logged ?? null };
    const first = valueOf(await connection.watch(organizationId, jobId, seen));
    const { revision, job } = first.progress;
    if (isTerminal(job.status) && from?.revision === revision && first.entries.length === 0) return c.body(null, 204);
    const gone = new AbortController();
    const watch = watcherOf(connection, organizationId, jobId, c.get("requestId"));
    const texts = jobEvents({ watch, now, signal: gone.signal }, first, from);
    // No proxy is to keep or hold back any of it; `x-accel-buffering` is how nginx is told.
    const headers = { "content-type": EVENT_STREAM, "cache-control": "no-store", "x-accel-buffering": "no" };
    return c.body(
      textStream(texts, () => gone.abort()),
      200,
      headers,
    );
  });

  app.openapi(log, async (c) => {
    const { id, job_id: jobId } = c.req.valid("param");
    const query = c.req.valid("query");
    const request = { cursor: query.cursor ?? null, limit: query.limit };
    const reply = await gate(c.env, id).jobLog(c.get("actor").organizationId, jobId, request);
    return c.json(jobLogBody(valueOf(reply)));
  });
}

/** Null where there is nothing more to be seen here: the client connects again, and is told why. */
function watcherOf(connection: SourceConnectionRpc, organizationId: string, jobId: string, requestId: string) {
  return async (seen: WatchRequest): Promise<Watched | null> => {
    try {
      const reply = await connection.watch(organizationId, jobId, seen);
      return reply.ok ? reply.value : null;
    } catch (error) {
      logLine(unexpectedError("watching a job", requestId, error));
      return null;
    }
  };
}
