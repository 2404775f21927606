import type { z } from "zod";

import { Refused, type Issue } from "#core/errors";

type Finding = z.core.$ZodIssue;

/** Zod's findings in the shape FastAPI made common. `at` is where the parsed value sits in the request. */
export function issuesOf(error: z.ZodError | z.core.$ZodError, at: readonly (string | number)[]): Issue[] {
  return error.issues.flatMap((finding) => issuesOfFinding(finding, at));
}

/** Ends the request with 422. */
export function invalid(issues: readonly Issue[]): Refused {
  return new Refused({ code: "invalid", message: issues.map((issue) => issue.msg).join(" "), issues });
}

function issuesOfFinding(finding: Finding, at: readonly (string | number)[]): Issue[] {
  const loc = [...at, ...finding.path.map((key) => (typeof key === "number" ? key : String(key)))];
  switch (finding.code) {
    case "unrecognized_keys":
      return finding.keys.map((key) => ({
        loc: [...loc, key],
        msg: "Extra inputs are not permitted",
        type: "extra_forbidden",
      }));
    case "invalid_union": {
      const nearest = nearestBranch(finding.errors);
      return nearest.length === 0
        ? [{ loc, msg: finding.message, type: "union_error" }]
        : nearest.flatMap((inner) => issuesOfFinding(inner, loc));
    }
    case "invalid_type":
      return isMissing(finding)
        ? [{ loc, msg: "Field required", type: "missing" }]
        : [{ loc, msg: finding.message, type: `${finding.expected}_type` }];
    case "too_small":
      return [{ loc, msg: finding.message, type: finding.origin === "string" ? "string_too_short" : "too_small" }];
    case "too_big":
      return [{ loc, msg: finding.message, type: finding.origin === "string" ? "string_too_long" : "too_big" }];
    case "invalid_value":
      return [{ loc, msg: finding.message, type: "literal_error" }];
    case "invalid_format":
      return [{ loc, msg: finding.message, type: finding.format === "guid" ? "uuid_parsing" : "string_format" }];
    case "custom":
      return [{ loc, msg: finding.message, type: finding.params?.["type"] === "missing" ? "missing" : "value_error" }];
    case "invalid_element":
    case "invalid_key":
    case "not_multiple_of":
      return [{ loc, msg: finding.message, type: "value_error" }];
  }
}

/** Of the alternatives, the one that the input came closest to. */
function nearestBranch(branches: readonly (readonly Finding[])[]): readonly Finding[] {
  return branches.reduce<readonly Finding[]>(
    (nearest, branch) => (nearest.length === 0 || branch.length < nearest.length ? branch : nearest),
    [],
  );
}

function isMissing(finding: Extract<Finding, { code: "invalid_type" }>): boolean {
  return finding.input === undefined && finding.message.endsWith("received undefined");
}
