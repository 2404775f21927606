import type { FailureKind } from "#core/failure";
import { SourceFailure } from "#sources/source";

/** Adds to failures of `request` what GitHub's own words leave open: which repository, and what to do. */
export async function withAdvice<T>(repository: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (!(error instanceof SourceFailure)) throw error;
    const advice = adviceOn(error.failure.kind, repository);
    throw advice === null ? error : new SourceFailure({ ...error.failure, message: `${advice} (${error.message})` });
  }
}

/** Is it about one repository, so that others may well be read? */
export function concernsRepository(error: unknown): boolean {
  return error instanceof SourceFailure && (error.failure.kind === "not_found" || error.failure.kind === "permission");
}

function adviceOn(kind: FailureKind, repository: string): string | null {
  switch (kind) {
    case "authentication":
      return "GitHub does not accept the personal access token. Create a new one and update the connection's credentials.";
    case "not_found":
      return `The repository "${repository}" was not found, or the token may not see it. Correct its name, or give the token access to it.`;
    case "permission":
      return `The token may not read this of the repository "${repository}". Give it read access to metadata, issues and pull requests.`;
    case "rate_limit":
    case "transient":
    case "bad_response":
    case "bad_request":
    case "internal":
      return null;
  }
}
