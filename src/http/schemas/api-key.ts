import { z } from "@hono/zod-openapi";

import { timestamp, timestampOrNull } from "#http/timestamp";
import type { ApiKeyRow } from "#records/rows";
import { nonBlank } from "./non-blank.ts";

const MAX_DAYS = 3650;
const DAY_MS = 86_400_000;

export const createApiKeySchema = z
  .object({
    name: nonBlank(100).openapi({ example: "Nightly export" }),
    expires_at: z.iso.datetime({ offset: true }).nullish(),
    expires_in_days: z.int().min(1).max(MAX_DAYS).nullish(),
    organization_id: z.guid().toLowerCase().nullish().openapi({ description: "Another organization; root key only." }),
  })
  .refine(
    (input) => typeof input.expires_at !== "string" || typeof input.expires_in_days !== "number",
    "Give either expires_at or expires_in_days, not both",
  )
  .openapi("ApiKeyCreate", {
    not: {
      required: ["expires_at", "expires_in_days"],
      properties: { expires_at: { type: "string" }, expires_in_days: { type: "integer" } },
    },
  });
export type CreateApiKey = z.infer<typeof createApiKeySchema>;

export const apiKeySchema = z
  .object({
    id: z.uuid(),
    organization_id: z.uuid(),
    name: z.string(),
    prefix: z.string().openapi({ description: "How the key begins." }),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime().nullable(),
  })
  .openapi("ApiKey");
export type ApiKeyBody = z.infer<typeof apiKeySchema>;

export const newApiKeySchema = apiKeySchema
  .extend({ key: z.string().openapi({ description: "Shown this once." }) })
  .openapi("NewApiKey");

/** Epoch milliseconds; null for never. */
export function expiryOf(input: CreateApiKey, now: number): number | null {
  if (typeof input.expires_in_days === "number") return now + input.expires_in_days * DAY_MS;
  return typeof input.expires_at === "string" ? Date.parse(input.expires_at) : null;
}

export function apiKeyBody(row: ApiKeyRow): ApiKeyBody {
  return {
    id: row.id,
    organization_id: row.organization_id,
    name: row.name,
    prefix: row.prefix,
    created_at: timestamp(row.created_at),
    expires_at: timestampOrNull(row.expires_at),
  };
}
