import { z } from "zod";

/** What to do where an API does not let a window be paged to its end. */
export interface PaginationReset {
  /** Go on with a window that begins at the newest record seen, instead of the same window again. */
  readonly splitsByCursor: boolean;
  /** Records after which the pages are begun with again; null where only the API's answer says so. */
  readonly recordLimit: number | null;
}

export const paginationReset: z.ZodType<PaginationReset> = z
  .object({
    action: z.enum(["SPLIT_USING_CURSOR", "RESET"]),
    limits: z.object({ number_of_records: z.int().positive().nullish() }).nullish(),
  })
  .transform(({ action, limits }) => ({
    splitsByCursor: action === "SPLIT_USING_CURSOR",
    recordLimit: limits?.number_of_records ?? null,
  }));
