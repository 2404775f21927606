import type { View } from "#test/simulation/view";
import { LastLook, type WatchedPromise } from "./promise.ts";

/** What others see may be more: a pass that other credentials came into proves no deletes. */
export class PassesAreOfOne implements WatchedPromise {
  readonly #last = new LastLook();
  /** The pass of each stream that was half read when others came, by the job and how often it began anew. */
  readonly #mixed = new Map<string, string>();
  #credentialsChangedAt = 0;
  #edition = 0;
  #before: View["streams"] = [];

  breaches({ streams, connection, planning }: View): string[] {
    if (connection === null || this.#last.isSame(streams, connection, planning)) return [];
    const { credentialsChangedAt, config } = connection;
    // Another config begins all passes anew, as soon as the streams have been listed again.
    if (config.edition !== this.#edition || planning?.isPlanned !== true) this.#mixed.clear();
    else if (credentialsChangedAt !== this.#credentialsChangedAt) this.#noteMixed(streams);
    this.#credentialsChangedAt = credentialsChangedAt;
    this.#edition = config.edition ?? this.#edition;
    this.#before = streams;
    return streams.flatMap((stream) =>
      stream.progress?.phase === "read" && this.#mixed.get(stream.name) === passOf(stream)
        ? [`Stream ${stream.name} has orphans by a pass that began with other credentials.`]
        : [],
    );
  }

  /** One that has been read to its end since the last look may have been so with the old ones. */
  #noteMixed(streams: View["streams"]): void {
    const unfinished = new Set(streams.filter(isUnfinished).map(({ name }) => name));
    for (const stream of this.#before) {
      if (isUnfinished(stream) && unfinished.has(stream.name)) this.#mixed.set(stream.name, passOf(stream));
    }
  }
}

/** Is it half read? */
function isUnfinished({ progress }: View["streams"][number]): boolean {
  if (progress === null || progress.phase === "read" || progress.phase === "done") return false;
  return progress.checkpoint !== null || progress.seen > 0;
}

function passOf({ progress }: View["streams"][number]): string {
  return `${progress?.jobId} ${progress?.restarts}`;
}
