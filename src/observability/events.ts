/** Everything the Worker logs. Each event is one line of JSON with these fields and nothing else. */
export type LogEvent = RequestAnswered | UnexpectedError;

/** One for each HTTP request, when its answer begins. */
export interface RequestAnswered {
  readonly event: "request_answered";
  readonly request_id: string;
  readonly method: string;
  /** The route's pattern, not the path: paths carry entity ids, which can be personal data. */
  readonly route: string;
  readonly status: number;
  readonly duration_ms: number;
  readonly organization_id: string | null;
  /** Which key called: its id, `root`, or null where nobody was recognised. */
  readonly key_id: string | null;
}

/** A fault of Sluice or of the platform, as opposed to a refusal. */
export interface UnexpectedError {
  readonly event: "unexpected_error";
  /** What was being done, in a word or two. */
  readonly where: string;
  readonly request_id: string | null;
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
}

export function unexpectedError(where: string, requestId: string | null, thrown: unknown): UnexpectedError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return {
    event: "unexpected_error",
    where,
    request_id: requestId,
    name: error.name,
    message: error.message,
    stack: error.stack ?? null,
  };
}
