import type * as fc from "fast-check";

/** What a property that failed found, and how to see it again; null for one that held. */
export function explainFailure<Given>(details: fc.RunDetails<Given>): string | null {
  if (!details.failed) return null;
  const { seed, numShrinks, errorInstance } = details;
  const what = errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : String(errorInstance);
  return `${what}\n(seed ${seed}, shrunk ${numShrinks} times)`;
}
