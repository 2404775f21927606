import { z } from "zod";

import { addDuration, parseDuration } from "#sources/manifest/python/duration";
import { instantFromMillis } from "#sources/manifest/python/instant";
import { PythonError } from "#sources/manifest/python/python-error";

/** From the time that something begins to the time that it ends, both in epoch milliseconds. */
export type Lifetime = (startedAt: number) => number;

/** The last moment that a Date can hold. */
const NEVER = 8_640_000_000_000_000;

/** A duration in ISO 8601: `PT1H`, `P1D`, `P1M`. Null where it is empty. */
export const lifetime: z.ZodType<Lifetime | null> = z.string().transform((value, context) => {
  if (value === "") return null;
  try {
    const duration = parseDuration(value);
    return (startedAt: number) =>
      endOf(startedAt, () => addDuration(instantFromMillis(startedAt), duration).epochMicros);
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    const message = `"${value}" is not a duration. Write one in ISO 8601, such as PT1H or P1D.`;
    context.issues.push({ code: "custom", message, input: value });
    return z.NEVER;
  }
});

/** A calendar ends with the year 9999; what is beyond does not end. */
function endOf(startedAt: number, microsOf: () => bigint): number {
  try {
    return Math.max(startedAt, Number(microsOf()) / 1000);
  } catch (error) {
    if (error instanceof PythonError) return NEVER;
    throw error;
  }
}
