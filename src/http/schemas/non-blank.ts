import { z } from "@hono/zod-openapi";

/** Something other than white space, as `trim` understands it; Python's `\\s` knows no byte order mark. */
const SOMETHING = "[^\\s\\ufeff]";

/** A text that says something, without the white space around it. The document says so by a pattern. */
export function nonBlank(maxLength?: number) {
  const text = z.string().trim().min(1);
  return (maxLength === undefined ? text : text.max(maxLength)).openapi({ pattern: SOMETHING });
}
