import { z } from "zod";

import { jobSchema, type Job } from "./api-answers.ts";

const refusalSchema = z.object({ detail: z.unknown(), job: jobSchema.optional() });
const issuesSchema = z.array(z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string() }));

/** An answer that is no JSON is not from Sluice; a part of it is enough to recognise what it is from. */
const SHOWN_BODY_CHARACTERS = 300;

/** An answer other than 2xx. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  /** What the server said about it, in sentences, a line each. */
  readonly detail: string;
  /** The job that stands in the way, where the answer names one. */
  readonly job: Job | null;

  constructor(request: string, status: number, body: string) {
    const refusal = refusalSchema.safeParse(parseOrNull(body));
    const detail = refusal.success ? sentences(refusal.data.detail) : body.slice(0, SHOWN_BODY_CHARACTERS).trim();
    super(`${request} answered ${status}: ${detail}`);
    this.status = status;
    this.detail = detail === "" ? `The server answered ${status}.` : detail;
    this.job = refusal.data?.job ?? null;
  }
}

/** The server gave no answer that Sluice could have given. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** Is it a failure that may be over in a moment? */
export function isPassing(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Refused && (error.status === 429 || error.status >= 500));
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Findings of validation name their place: `config.url: must be an http or https address`. */
function sentences(detail: unknown): string {
  if (typeof detail === "string") return detail;
  const issues = issuesSchema.safeParse(detail);
  if (!issues.success) return JSON.stringify(detail);
  return issues.data
    .map(({ loc, msg }) => {
      const place = loc.filter((part, index) => index > 0 || !PARTS_OF_A_REQUEST.has(part)).join(".");
      return place === "" ? msg : `${place}: ${msg}`;
    })
    .join("\n");
}

const PARTS_OF_A_REQUEST: ReadonlySet<string | number> = new Set(["body", "query", "path", "header"]);
