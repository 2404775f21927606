import { z } from "zod";

/**
 * The parts of the API's answers that the command line looks at. What else an answer has is kept: `--json` prints it.
 */

const time = z.string();
const counts = {
  entities_inserted: z.number(),
  entities_updated: z.number(),
  entities_deleted: z.number(),
  entities_failed: z.number(),
};

const jobStatusSchema = z.enum(["PENDING", "RUNNING", "COMPLETED", "FAILED", "CANCELLING", "CANCELLED"]);
export const jobSchema = z.looseObject({
  id: z.uuid(),
  status: jobStatusSchema,
  started_at: time.nullable(),
  duration_seconds: z.number().nullable(),
  ...counts,
  entities_kept: z.number(),
  sync_mode: z.string(),
  trigger: z.string(),
  created_at: time,
  error: z.string().nullable(),
  error_details: z
    .looseObject({
      streams: z.array(z.looseObject({ stream: z.string().nullable(), message: z.string() })),
      rejected: z.array(z.looseObject({ stream: z.string(), id: z.string().nullable(), reason: z.string() })),
    })
    .nullable(),
  waiting_until: time.nullable(),
  waiting_reason: z.string().nullable(),
});
export type Job = z.infer<typeof jobSchema>;

/** What the events `snapshot`, `progress` and `end` of a job carry. */
export const jobProgressSchema = z.looseObject({ job: jobSchema });

export const logEntrySchema = z.looseObject({
  at: time,
  level: z.enum(["info", "warning", "error"]),
  type: z.string(),
  /** Null where it is about the job as a whole. */
  stream: z.string().nullable(),
  message: z.string(),
  until: time.nullable(),
});
export type LogEntry = z.infer<typeof logEntrySchema>;

export const jobLogSchema = z.looseObject({
  entries: z.array(logEntrySchema),
  next_cursor: z.string(),
  has_more: z.boolean(),
  entries_dropped: z.number(),
  is_kept: z.boolean(),
});
export type JobLog = z.infer<typeof jobLogSchema>;

export const collectionSchema = z.looseObject({ readable_id: z.string(), name: z.string() });

export const connectionItemSchema = z.looseObject({
  id: z.uuid(),
  name: z.string(),
  short_name: z.string(),
  readable_collection_id: z.string(),
  status: z.string(),
  is_paused: z.boolean(),
  entity_count: z.number(),
  modified_at: time,
});
export type ConnectionItem = z.infer<typeof connectionItemSchema>;

const scheduleSchema = z.looseObject({
  cron: z.string().nullable(),
  continuous: z.boolean(),
  timezone: z.string(),
  next_run: time.nullable(),
  paused_reason: z.string().nullable(),
});
export const connectionSchema = z.looseObject({
  id: z.uuid(),
  name: z.string(),
  description: z.string().nullable(),
  short_name: z.string(),
  readable_collection_id: z.string(),
  status: z.string(),
  created_at: time,
  config: z.record(z.string(), z.unknown()).nullable(),
  schedule: scheduleSchema.nullable(),
  is_paused: z.boolean(),
  sync: z
    .looseObject({
      last_job: z.looseObject({ id: z.uuid(), status: jobStatusSchema, completed_at: time.nullable() }).nullable(),
    })
    .nullable(),
  entities: z
    .looseObject({ total_entities: z.number(), by_type: z.record(z.string(), z.looseObject({ count: z.number() })) })
    .nullable(),
  error_message: z.string().nullable(),
});
export type Connection = z.infer<typeof connectionSchema>;

export const fieldSchema = z.looseObject({
  name: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  type: z.string(),
  required: z.boolean(),
  items_type: z.string().nullable(),
  is_secret: z.boolean(),
  enum_values: z.array(z.string()).nullable(),
});
export type Field = z.infer<typeof fieldSchema>;

const fieldsSchema = z.looseObject({ fields: z.array(fieldSchema) });
export const sourceSchema = z.looseObject({
  name: z.string(),
  description: z.string().nullable(),
  short_name: z.string(),
  labels: z.array(z.string()).nullable(),
  supports_continuous: z.boolean(),
  auth_fields: fieldsSchema.nullable(),
  config_fields: fieldsSchema,
  streams: z.array(z.looseObject({ name: z.string(), supported: z.boolean() })).nullable(),
  is_custom: z.boolean(),
  version: z.number().nullable(),
});
export type Source = z.infer<typeof sourceSchema>;

export const entitySchema = z.looseObject({
  stream: z.string(),
  id: z.string(),
  data: z.record(z.string(), z.unknown()),
  last_modified_at: time,
});
export const entityPageSchema = z.looseObject({
  entities: z.array(entitySchema),
  next_cursor: z.string().nullable(),
  has_more: z.boolean(),
});

const changeSchema = z.looseObject({
  op: z.enum(["upsert", "delete"]),
  stream: z.string(),
  id: z.string(),
  entity: z.record(z.string(), z.unknown()).nullable(),
  at: time,
});
export type Change = z.infer<typeof changeSchema>;
export const changesSchema = z.looseObject({
  changes: z.array(changeSchema),
  next_cursor: z.string(),
  has_more: z.boolean(),
});
export type ChangePage = z.infer<typeof changesSchema>;
export const newestChangesSchema = changesSchema.extend({ older_cursor: z.string().nullable() });

const attemptSchema = z.looseObject({ response_status_code: z.number(), status: z.string(), timestamp: time });
export const subscriptionSchema = z.looseObject({
  id: z.uuid(),
  url: z.string(),
  filter_types: z.array(z.string()).nullable(),
  disabled: z.boolean(),
  disabled_reason: z.string().nullable(),
  health_status: z.string(),
  secret: z.string().nullish(),
  delivery_attempts: z.array(attemptSchema).nullish(),
});
export type Subscription = z.infer<typeof subscriptionSchema>;

export const messageSchema = z.looseObject({ id: z.uuid(), event_type: z.string(), timestamp: time });

export const inboundSchema = z.looseObject({
  url: z.string().nullable(),
  verification: z.looseObject({ scheme: z.string(), secrets: z.number() }),
  condition: z.string().nullable(),
  debounce_seconds: z.number(),
  counts: z.record(z.string(), z.number()),
  deliveries: z.array(
    z.looseObject({ at: time, outcome: z.string(), reason: z.string().nullable(), job_id: z.string().nullable() }),
  ),
});
export type Inbound = z.infer<typeof inboundSchema>;

export const apiKeySchema = z.looseObject({
  id: z.uuid(),
  name: z.string(),
  prefix: z.string(),
  created_at: time,
  expires_at: time.nullable(),
  key: z.string().optional(),
});
