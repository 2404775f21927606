import type { Scope } from "#sources/manifest/scope";
import { SourceFailure } from "#sources/source";

/** How much of a body a message shows: enough to recognise an error page. */
const SHOWN_CHARACTERS = 200;

/** Far more, so that a secret at the end of what is shown is seen whole. */
const LOOKED_AT = 4_000;

/** A body that is not what the manifest says it is. What came before it is kept; a later try may get a better one. */
export function malformed(scope: Scope, url: string, expected: string, body: string): SourceFailure {
  const { origin, pathname } = new URL(url);
  // A secret that the cut goes through would not be known for one.
  const shown = scope.http.redact(body.slice(0, LOOKED_AT)).slice(0, SHOWN_CHARACTERS);
  const beginning = body === "" ? "an empty body" : `a body that begins with: ${shown}`;
  return new SourceFailure({
    kind: "bad_response",
    message: scope.http.redact(`${origin}${pathname} answered with something that is not ${expected}: ${beginning}`),
  });
}
