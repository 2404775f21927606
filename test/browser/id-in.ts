import { z } from "zod";

const withId = z.object({ id: z.string() });

/** The id of what the API answered with. */
export function idIn(body: unknown): string {
  return withId.parse(body).id;
}
