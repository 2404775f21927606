import type { Json } from "#core/json";
import { watchPageLoop, type PageLoopWatch } from "#sources/page-loop";
import { SourceFailure } from "#sources/source";

/** Two equal pages can be chance; an API that ignores the page it is asked for answers the same for ever. */
const SAME_BODIES = 3;

/** @throws SourceFailure once a window's tokens are known to go round in circles */
export function watchTokens(watch: PageLoopWatch | null, token: Json, stream: string): PageLoopWatch {
  const next = watchPageLoop(watch, JSON.stringify(token));
  if (next !== null) return next;
  throw new SourceFailure({
    kind: "bad_response",
    message: `The pages of ${stream} go round in circles: the API gave the same page token again. Check the paginator's cursor_value and stop_condition.`,
    final: true,
  });
}

/** Notices an API that answers each page with the same records. */
export class SameBodies {
  #last: Uint8Array | null = null;
  #count = 1;

  /** @throws SourceFailure for the third page in a row with the same body */
  watch(body: Uint8Array | null, hasRecords: boolean, stream: string): void {
    const isSame = hasRecords && body !== null && this.#last !== null && equal(body, this.#last);
    this.#count = isSame ? this.#count + 1 : 1;
    this.#last = body;
    if (this.#count < SAME_BODIES) return;
    throw new SourceFailure({
      kind: "bad_response",
      message: `The API answered ${SAME_BODIES} pages of ${stream} in a row with the same body: it does not seem to know the page parameter. Check the paginator's page_token_option.`,
      final: true,
    });
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, index) => byte === b[index]);
}
