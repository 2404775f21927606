import { isJsonObject } from "#core/json";

/**
 * A record as it is kept: what GitHub sent, and the repository it was read from as `repository`, in the name that the
 * configuration uses. Left out is `temp_clone_token`, a credential that GitHub puts into repositories, also those
 * within pull requests, and makes anew for every answer.
 */
export function keptRecord(record: unknown, repository: string): unknown {
  if (!isJsonObject(record)) return record;
  const { head, base, ...rest } = withoutCloneToken(record);
  return {
    ...rest,
    ...(head === undefined ? {} : { head: branchWithoutCloneToken(head) }),
    ...(base === undefined ? {} : { base: branchWithoutCloneToken(base) }),
    repository,
  };
}

function branchWithoutCloneToken(branch: unknown): unknown {
  if (!isJsonObject(branch) || !isJsonObject(branch["repo"])) return branch;
  return { ...branch, repo: withoutCloneToken(branch["repo"]) };
}

function withoutCloneToken(repository: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { temp_clone_token: _, ...kept } = repository;
  return kept;
}

/** The issues listing holds pull requests too; these are a stream of their own. */
export function isIssue(record: unknown): boolean {
  return !isJsonObject(record) || record["pull_request"] === undefined;
}
