import { z } from "@hono/zod-openapi";

import type { StreamSummary } from "#core/connection";
import { timestampOrNull } from "#http/timestamp";

export const streamSchema = z
  .object({
    name: z.string(),
    entity_count: z.int().min(0),
    last_changed_at: z.iso.datetime().nullable(),
    cursor: z.unknown().openapi({
      description: "Where the next job continues from, as the source says it; null where it reads everything.",
    }),
    is_reset: z.boolean().openapi({ description: "It was reset, and no job has read it since." }),
  })
  .openapi("Stream");

export type StreamBody = z.infer<typeof streamSchema>;

export function streamBody({ name, count, lastChangedAt, cursor, isReset }: StreamSummary): StreamBody {
  const at = timestampOrNull(lastChangedAt);
  return { name, entity_count: count, last_changed_at: at, cursor, is_reset: isReset };
}
