import { z } from "@hono/zod-openapi";

import { timestamp } from "#http/timestamp";
import type { CollectionRow } from "#records/rows";
import { atLeastOne } from "./at-least-one.ts";

const time = z.iso.datetime();
const name = z.string().min(4).max(64).openapi({ example: "Customer data" });

/** `GET /v1/collections/count` is a route of its own. */
const RESERVED = "count";

export const createCollectionSchema = z
  .object({
    name,
    readable_id: z
      .string()
      .min(1)
      .max(100)
      .regex(
        /^[a-z0-9]+(-[a-z0-9]+)*$/,
        "Input should be lower-case letters and digits, in words joined by single hyphens",
      )
      .refine((id) => id !== RESERVED, `'${RESERVED}' is reserved`)
      .nullish()
      .openapi({
        description: "Default: the name in lower case with six random characters.",
        example: "customer-data",
      }),
  })
  .openapi("CollectionCreate");

export const updateCollectionSchema = atLeastOne(z.object({ name: name.optional() }), "CollectionUpdate");

export const collectionSchema = z
  .object({
    name: z.string(),
    readable_id: z.string(),
    id: z.uuid(),
    sync_config: z.null(),
    created_at: time,
    modified_at: time,
    organization_id: z.uuid(),
    created_by_email: z.string().nullable(),
    modified_by_email: z.string().nullable(),
    status: z.enum(["ACTIVE", "NEEDS SOURCE", "ERROR"]),
    vector_size: z.int().openapi({ description: "0: collections are not indexed for search." }),
    embedding_model_name: z.string(),
    source_connection_summaries: z.array(z.object({ short_name: z.string(), name: z.string() })),
  })
  .openapi("Collection");
export type CollectionBody = z.infer<typeof collectionSchema>;

export function collectionBody(row: CollectionRow): CollectionBody {
  return {
    name: row.name,
    readable_id: row.readable_id,
    id: row.id,
    sync_config: null,
    created_at: timestamp(row.created_at),
    modified_at: timestamp(row.modified_at),
    organization_id: row.organization_id,
    created_by_email: null,
    modified_by_email: null,
    status: collectionStatus(row),
    vector_size: 0,
    embedding_model_name: "",
    source_connection_summaries: row.connections.map(({ short_name, name: title }) => ({ short_name, name: title })),
  };
}

/** One connection that works is enough. */
function collectionStatus({ connections }: CollectionRow): CollectionBody["status"] {
  if (connections.length === 0) return "NEEDS SOURCE";
  return connections.every(({ status }) => status === "error" || status === "needs_reauth") ? "ERROR" : "ACTIVE";
}
