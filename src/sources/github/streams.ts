import { z } from "zod";

import type { Json } from "#core/json";
import type { Stream } from "#sources/source";
import { pullPositionSchema, stepPullListing } from "./pull-listing.ts";
import { isIssue } from "./record.ts";
import { NOTHING_READ, type Step } from "./state.ts";
import { type StepRequest, stepUpdatedListing, type UpdatedListing, updatedPositionSchema } from "./updated-listing.ts";

/** A stream, and how one request's worth of one repository is read. */
export interface GithubStream extends Stream {
  step(request: StepRequest<Json>): Promise<Step<Json>>;
}

/** GitHub's ids are unique across repositories. */
const primaryKey = [["id"]];

export const GITHUB_STREAMS: readonly GithubStream[] = [
  { name: "repositories", primaryKey, incremental: false, step: stepRepository },
  { name: "issues", primaryKey, incremental: true, step: stepIssues },
  { name: "pull_requests", primaryKey, incremental: true, step: withPosition(pullPositionSchema, stepPullListing) },
  { name: "comments", primaryKey, incremental: true, step: stepsThrough({ path: "/issues/comments", query: {} }) },
  {
    name: "review_comments",
    primaryKey,
    incremental: true,
    step: stepsThrough({ path: "/pulls/comments", query: {} }),
  },
];

async function stepRepository({ client, repository }: StepRequest<Json>): Promise<Step<Json>> {
  return { records: [await client.repository(repository)], position: null, ended: NOTHING_READ };
}

async function stepIssues(request: StepRequest<Json>): Promise<Step<Json>> {
  const step = await stepsThrough({ path: "/issues", query: { state: "all" } })(request);
  return { ...step, records: step.records.filter(isIssue) };
}

function stepsThrough(listing: UpdatedListing) {
  return withPosition(updatedPositionSchema, (request) => stepUpdatedListing(listing, request));
}

/** A checkpoint comes back from storage as JSON: parsed here, once, so that the steps can trust it. */
function withPosition<Position extends Json>(
  schema: z.ZodType<Position>,
  step: (request: StepRequest<Position>) => Promise<Step<Position>>,
) {
  return ({ position, ...request }: StepRequest<Json>): Promise<Step<Json>> =>
    step({ ...request, position: position === null ? null : schema.parse(position) });
}
