import { z } from "zod";

import { CursorLost } from "#sources/source";
import type { Json } from "#core/json";

/** Reads back what a router itself wrote: its position, or its cursor. */
export function restored<Value>(schema: z.ZodType<Value>, stored: Json): Value {
  const parsed = schema.safeParse(stored);
  if (parsed.success) return parsed.data;
  throw new CursorLost("The manifest's partition router has changed since the stored position was written.");
}

export const json: z.ZodType<Json> = z.json();
