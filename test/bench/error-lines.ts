import { randomUUID } from "node:crypto";

import { withinTimeLimit } from "#sources/time-limit";

const HEARD_WITHIN_MS = 30_000;

/** The lines that a process which prints nothing but errors has printed. */
export class ErrorLines {
  #lines: string[] = [];
  #awaited: { readonly mark: string; readonly heard: () => void } | null = null;

  hear(line: string): void {
    if (this.#awaited !== null && line.includes(this.#awaited.mark)) this.#awaited.heard();
    else if (line.trim() !== "") this.#lines.push(line);
  }

  /**
   * Those since it was last asked for.
   *
   * @param tell lets the process print a line. When that has come, so has whatever was printed before it; where it does
   *   not come, no error would have either.
   */
  async take(tell: (line: string) => Promise<unknown>): Promise<readonly string[]> {
    const mark = randomUUID();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#awaited = { mark, heard: resolve };
    const timedOut = () => new Error(`An error that the Worker printed was not heard within ${HEARD_WITHIN_MS} ms.`);
    await tell(mark);
    await withinTimeLimit({ milliseconds: HEARD_WITHIN_MS, timedOut }, () => promise);
    this.#awaited = null;
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }
}
