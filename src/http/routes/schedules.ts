import { z } from "@hono/zod-openapi";

import { nextTime } from "#core/next-time";
import type { App, AppDeps } from "#http/app-env";
import { operation } from "#http/operation";
import { whole } from "#http/parameters";
import { cron, timezone } from "#http/schemas/schedule";
import { timestamp } from "#http/timestamp";

const next = operation({
  method: "get",
  path: "/v1/schedules/next",
  id: "nextTimes",
  tag: "Source connections",
  summary: "Say when a cron expression is due, to see what it means before it is used",
  description: "What `SCHEDULE_JITTER_SECONDS` adds is not in it.",
  request: {
    query: z.object({
      cron: cron.openapi({ example: "0 6 * * MON-FRI" }),
      timezone: timezone.default("UTC"),
      limit: whole({ min: 1, max: 50, default: 5 }, "How many times to return."),
    }),
  },
  answer: z.object({ times: z.array(z.iso.datetime()) }).openapi("NextTimes"),
});

export function scheduleRoutes(app: App, { now }: AppDeps): void {
  app.openapi(next, (c) => {
    const query = c.req.valid("query");
    const times: number[] = [];
    let at: number | null = now();
    while (at !== null && times.length < query.limit) {
      at = nextTime(query.cron, query.timezone, at);
      if (at !== null) times.push(at);
    }
    return c.json({ times: times.map(timestamp) });
  });
}
