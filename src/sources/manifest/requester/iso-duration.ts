import { z } from "zod";

import { parseDuration } from "#sources/manifest/python/duration";
import { PythonError } from "#sources/manifest/python/python-error";

/** An ISO 8601 duration such as `PT1M`, as milliseconds. */
export const isoDuration = z.string().transform((text, context): number => {
  const refuse = (message: string) => {
    context.issues.push({ code: "custom", message, input: text });
    return z.NEVER;
  };
  try {
    const { years, months, micros } = parseDuration(text);
    if (years !== 0 || months !== 0)
      return refuse("Months and years differ in length: give weeks, days, hours or less.");
    return micros > 0n ? Number(micros) / 1000 : refuse("Give a duration longer than nothing, such as PT1M.");
  } catch (error) {
    if (error instanceof PythonError) return refuse(error.message);
    throw error;
  }
});
