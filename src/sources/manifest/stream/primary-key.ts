import { z } from "zod";

/**
 * A stream's primary key, in any of the forms that manifests have it in: a field, a list of fields, or a list of
 * paths. Null where there is none: empty, or left out.
 */
export const primaryKey: z.ZodType<readonly (readonly string[])[] | null> = z
  .union([z.string(), z.array(z.union([z.string(), z.array(z.string())]))])
  .nullish()
  .transform((key) => {
    const paths = (typeof key === "string" ? [key] : (key ?? []))
      .map((path) => (typeof path === "string" ? [path] : path))
      .filter((path) => path.length > 0 && path.every((part) => part !== ""));
    return paths.length === 0 ? null : paths;
  });
