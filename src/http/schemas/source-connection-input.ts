import { z } from "@hono/zod-openapi";

import { syncSettingsSchema } from "#core/connection";
import { DEFAULT_COLLECTION } from "#records/default-collection";
import { atLeastOne } from "./at-least-one.ts";
import { authenticationSchema, jsonObject } from "./authentication.ts";
import { scheduleInputSchema } from "./schedule.ts";

const name = z.string().min(4).max(42);
const description = z.string().max(255).nullish();

export const createSchema = z
  .object({
    name: name.nullish().openapi({ description: "Default: “{Source name} Connection”." }),
    short_name: z.string().min(1).max(100).openapi({ description: "Of the source; GET /v1/sources lists them." }),
    readable_collection_id: z.string().max(200).default(DEFAULT_COLLECTION),
    description,
    config: jsonObject.nullish().openapi({ description: "The source's config_fields." }),
    schedule: scheduleInputSchema.nullish().openapi({
      description:
        "Absent: every five minutes and a daily full sync, or, for sources that read everything each time, daily. Null, or a null `cron`: none.",
    }),
    sync_immediately: z.boolean().nullish().openapi({ description: "Start the first job at once. Default true." }),
    authentication: authenticationSchema.nullish(),
    redirect_url: z.string().nullish(),
    sync_settings: syncSettingsSchema.nullish(),
  })
  .openapi("SourceConnectionCreate", {
    example: {
      name: "Orders database",
      short_name: "couchdb",
      readable_collection_id: "default",
      config: { url: "https://couch.example.com", databases: ["orders"] },
      authentication: { credentials: { username: "reader", password: "…" } },
    },
  });

export const updateSchema = atLeastOne(
  z.object({
    name: name.optional(),
    description,
    config: jsonObject.optional(),
    schedule: scheduleInputSchema.nullish().openapi({ description: "Null, or a null `cron`, removes the schedule." }),
    is_paused: z.boolean().optional().openapi({
      description:
        "Paused, neither its schedule nor its webhook starts a job; `run` does. Deliveries that come meanwhile lead to one job once it is resumed, due times that pass to none.",
    }),
    authentication: authenticationSchema.optional(),
    sync_settings: syncSettingsSchema.optional(),
  }),
  "SourceConnectionUpdate",
  { example: { name: "Orders, read replica" } },
);
