import { z } from "zod";

import { parseDuration, type Duration } from "#sources/manifest/python/duration";
import { PythonError } from "#sources/manifest/python/python-error";

/** A length of time as ISO 8601 writes it, to the microsecond. Throws a ValueError, also at fractions of months. */
export function isoDuration(text: string): Duration {
  const duration = parseDuration(text);
  if (Number.isInteger(duration.years) && Number.isInteger(duration.months)) return duration;
  throw new PythonError("ValueError", `'${text}' has a fraction of a year or month, whose length nobody knows.`);
}

export function isZero({ years, months, micros }: Duration): boolean {
  return years === 0 && months === 0 && micros === 0n;
}

export function isNegative({ years, months, micros }: Duration): boolean {
  return years < 0 || months < 0 || micros < 0n;
}

/** Says what is wrong with a duration that stands in the manifest; null where nothing is, or a template says it later. */
export function durationFault(text: string): string | null {
  if (text === "" || text.includes("{{") || text.includes("{%")) return null;
  try {
    return isNegative(isoDuration(text)) ? `'${text}' goes backwards: a duration has to be positive.` : null;
  } catch (error) {
    if (error instanceof PythonError) return error.message;
    throw error;
  }
}

/** For a field of the manifest that is no template. */
export const durationField: z.ZodType<Duration> = z.string().transform((text, context): Duration => {
  const fault = durationFault(text);
  if (fault === null) return isoDuration(text);
  context.addIssue({ code: "custom", message: fault });
  return z.NEVER;
});
