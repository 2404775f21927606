import { z } from "zod";

import { SourceFailure } from "#sources/source";
import type { Definition } from "#sources/manifest/component";
import type { TemplateContext } from "#sources/manifest/template/template";
import { text } from "#sources/manifest/text";

/** The number of records to a page, which may depend on the config. Null where it comes out as none. */
export type PageSize = (occasion?: TemplateContext) => number | null;

/** A number, or a template of one. */
const number = z
  .unknown()
  .refine(
    (value) => typeof value !== "string" || value === "" || value.includes("{") || /^\s*[0-9]+\s*$/.test(value),
    "Expected a whole number, or a template of one.",
  );

/** Throws SourceFailure, final, where it is no whole number for the config at hand. */
export const pageSize: z.ZodType<Definition<PageSize>> = number
  .pipe(text)
  .transform((definition): Definition<PageSize> => {
    return (scope) => {
      const size = definition(scope);
      return (occasion) => {
        const value = size.value(occasion);
        if (value === 0 || value === "") return null;
        if (typeof value === "number" && Number.isInteger(value)) return value;
        throw new SourceFailure({
          kind: "bad_request",
          message: `The paginator's page_size is no whole number for this config: ${size.source}. Correct it in the manifest, or the config that it reads.`,
          final: true,
        });
      };
    };
  });

/** Is a page with that many records the last one? */
export function isLast(records: number, size: number | null): boolean {
  return records === 0 || (size !== null && records < size);
}
