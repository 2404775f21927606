import { z } from "@hono/zod-openapi";

import { timestamp } from "#http/timestamp";
import type { OrganizationRow } from "#records/rows";
import { nonBlank } from "./non-blank.ts";

export const createOrganizationSchema = z
  .object({ name: nonBlank(100).openapi({ example: "Acme" }) })
  .openapi("OrganizationCreate");

export const organizationSchema = z
  .object({ id: z.uuid(), name: z.string(), created_at: z.iso.datetime() })
  .openapi("Organization");
export type OrganizationBody = z.infer<typeof organizationSchema>;

export function organizationBody(row: OrganizationRow): OrganizationBody {
  return { id: row.id, name: row.name, created_at: timestamp(row.created_at) };
}
