import type { z } from "zod";

import type { ManifestIssue } from "./document/manifest-error.ts";

/** Why a part of a manifest can't run. */
export interface Finding extends ManifestIssue {
  /** The class of a component that needs custom code; null where the manifest is wrong, or asks for what is not built. */
  readonly customClass: string | null;
}

/** Findings beyond that many help nobody. */
export const ISSUE_LIMIT = 100;

/** What zod found, with the place in the manifest. Of alternatives, the one that the value came closest to counts. */
export function issuesIn(error: z.core.$ZodError, path: readonly string[] = []): Finding[] {
  const found = error.issues.flatMap((issue) => findingsOf(issue, path));
  // References put the same mistake into many places of a stream; each place is told once.
  const known = new Set<string>();
  return found
    .filter((finding) => {
      const key = JSON.stringify(finding);
      return !known.has(key) && known.add(key);
    })
    .slice(0, ISSUE_LIMIT);
}

/** Findings of a part, as issues of the schema that the part is parsed by. */
export function rawIssues(error: z.core.$ZodError, input: unknown) {
  return issuesIn(error).map(({ path, message, customClass }) => ({
    code: "custom" as const,
    path: [...path],
    message,
    params: { customClass },
    input,
  }));
}

function findingsOf(issue: z.core.$ZodIssue, at: readonly string[]): Finding[] {
  const path = [...at, ...issue.path.map(String)];
  if (issue.code === "invalid_union") {
    const nearest = issue.errors.reduce<readonly z.core.$ZodIssue[]>(
      (best, branch) => (best.length === 0 || depthOf(branch) > depthOf(best) ? branch : best),
      [],
    );
    if (nearest.length > 0) return nearest.flatMap((inner) => findingsOf(inner, path));
  }
  const customClass =
    issue.code === "custom" && typeof issue.params?.["customClass"] === "string" ? issue.params["customClass"] : null;
  return [{ path, message: messageOf(issue), customClass }];
}

/** How far into the value a branch of alternatives got before it failed; one that knew the component got further. */
function depthOf(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length + (issue.code === "custom" ? 0.5 : 0)));
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") {
    const received = /received (\S+)$/.exec(issue.message)?.[1] ?? "";
    const expected = KINDS.get(issue.expected) ?? issue.expected;
    if (received === "undefined") return `Required: expected ${expected}.`;
    return `Expected ${expected}, and this is ${KINDS.get(received) ?? received}.`;
  }
  if (issue.code === "invalid_value") {
    return `Expected ${issue.values.length === 1 ? "" : "one of "}${issue.values.map(String).join(", ")}.`;
  }
  return /[.!?]$/.test(issue.message) ? issue.message : `${issue.message}.`;
}

/** What the kinds of values are called here. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ["array", "a list"],
  ["object", "an object"],
  ["record", "an object"],
  ["string", "a text"],
  ["number", "a number"],
  ["int", "a whole number"],
  ["boolean", "true or false"],
  ["null", "nothing"],
]);
