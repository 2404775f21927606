import type { Scope } from "#sources/manifest/scope";
import { SourceFailure } from "#sources/source";

/** How much of a body a message shows: enough to recognise an error page. */
const SHOWN_CHARACTERS = 200;

/** A body that is not what the manifest says it is. What came before it is kept; a later try may get a better one. */
export function malformed(scope: Scope, url: string, expected: string, body: string): SourceFailure {
  const { origin, pathname } = new URL(url);
  const beginning = body === "" ? "an empty body" : `a body that begins with: ${body.slice(0, SHOWN_CHARACTERS)}`;
  return new SourceFailure({
    kind: "bad_response",
    message: scope.http.redact(`${origin}${pathname} answered with something that is not ${expected}: ${beginning}`),
  });
}
