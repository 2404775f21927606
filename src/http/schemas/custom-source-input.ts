import { z } from "@hono/zod-openapi";

import type { JsonObject } from "#core/json";

const manifest = z.union([z.string(), z.record(z.string(), z.json())]).openapi({
  type: ["string", "object"],
  description: "A low-code manifest: the text of YAML or JSON, or the JSON itself.",
  example: "version: 7.0.0\ntype: DeclarativeSource\n…",
});

const title = {
  name: z.string().min(1).max(200).optional(),
  description: z.string().max(2_000).optional(),
  labels: z.array(z.string().min(1).max(50)).max(20).optional(),
};

/** Short names are parts of addresses, and keys. */
const shortName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{1,62}$/, "Use 2 to 63 of a-z, 0-9, _ and -, beginning with a letter.")
  .openapi({ example: "our-crm" });

export const createCustomSourceSchema = z
  .strictObject({ short_name: shortName, ...title, manifest })
  .openapi("CustomSourceCreate");
export const replaceCustomSourceSchema = z.strictObject({ ...title, manifest }).openapi("CustomSourceReplace");
export const checkManifestSchema = z.strictObject({ manifest }).openapi("ManifestCheckRequest");

/** The manifest's text. */
export function textOfManifest(given: string | JsonObject): string {
  return typeof given === "string" ? given : JSON.stringify(given);
}
