import { z } from "zod";

export const issueSchema = z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string() });
/** One finding of the API's validation: where, beginning with the part of the request, and what. */
export type Issue = z.infer<typeof issueSchema>;

/** What the API found wrong with a field of the body: `["config", "url"]`. Null where it found nothing. */
export function findingOn(issues: readonly Issue[], place: readonly (string | number)[]): string | null {
  const wanted = ["body", ...place].join(".");
  const found = issues.filter(({ loc }) => loc.join(".") === wanted || loc.join(".").startsWith(`${wanted}.`));
  return found.length === 0 ? null : found.map(({ msg }) => msg).join(" ");
}
