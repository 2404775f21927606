import { z } from "@hono/zod-openapi";

const TRUE_WORDS = ["true", "1", "yes", "on", "t", "y"];
const FALSE_WORDS = ["false", "0", "no", "off", "f", "n"];
/** Longer digit strings are beyond the exact integers. */
const DECIMAL = /^-?\d{1,15}$/;
/** Room for the longest id of an entity, in base64; more is not worth looking at. */
const MAX_CURSOR_LENGTH = 16_384;
/** D1's limit for a string is far higher; no name of a stream or entity gets near this. */
const MAX_ID_LENGTH = 4_096;

/** A boolean in a query: `true`, `1`, `yes`, `on`, `t`, `y` or their opposites, in any case. */
export function flag(description: string) {
  return z
    .stringbool({
      truthy: TRUE_WORDS,
      falsy: FALSE_WORDS,
      error: "Input should be a valid boolean: true or false",
    })
    .default(false)
    .openapi({ type: "boolean", default: false, description });
}

/** A whole number in a query, in decimal digits. */
export function whole(range: { min: number; max: number; default: number }, description: string) {
  const { min, max } = range;
  return z
    .string()
    .regex(DECIMAL, "Input should be a whole number in decimal digits")
    .transform(Number)
    .pipe(
      z
        .number()
        .min(min, `Input should be greater than or equal to ${min}`)
        .max(max, `Input should be less than or equal to ${max}`),
    )
    .default(range.default)
    .openapi({ type: "integer", minimum: min, maximum: max, default: range.default, description });
}

export const limit = whole({ min: 1, max: 1000, default: 100 }, "How many to return.");
export const skip = whole({ min: 0, max: 1_000_000_000, default: 0 }, "How many to leave out at the beginning.");

export const cursor = z.string().min(1).max(MAX_CURSOR_LENGTH).optional().openapi({
  pattern: "^[A-Za-z0-9_.-]+$",
  description: "The `next_cursor` of the page before. Absent: from the beginning.",
});

/** A UUID in a path, in any case; ids are stored in lower case. */
export const uuid = z
  .guid("Input should be a valid UUID")
  .toLowerCase()
  .openapi({ format: "uuid", example: "550e8400-e29b-41d4-a716-446655440000" });

export const streamName = z.string().min(1).max(MAX_ID_LENGTH).openapi({ example: "issues" });
export const entityId = z
  .string()
  .min(1)
  .max(MAX_ID_LENGTH)
  .openapi({ description: "Percent-encoded, a slash as %2F.", example: "42" });
