import type { Watched, WatchRequest } from "#connection/rpc";
import { isTerminal } from "#core/job";
import type { StreamView } from "#core/job-progress";
import { Pace } from "#core/pace";
import { progressBody, streamBody } from "#http/schemas/job-events";
import { logEntryBody } from "#http/schemas/job-log";
import { pause } from "./pause.ts";
import { eventText, HEARTBEAT, retryText } from "./server-sent-event.ts";
import { formatPosition, type WatchPosition } from "./watch-position.ts";

/** Between two looks at a job: twice a second is as often as people can read numbers. */
const LOOK_EVERY_MS = 500;

/**
 * Between two looks at a job at which nothing happens, at last. A look is a call of its object, which may have to be
 * brought into memory for it, so an hour's waiting should not cost more than a few hundred.
 */
const IDLE_LOOK_EVERY_MS = 10_000;

/** Proxies close connections that are silent for a minute, some after half of one. */
const HEARTBEAT_EVERY_MS = 15_000;

/**
 * After so long the client is asked to connect again: its key may have been taken back, and an invocation on the free
 * plan may make 1,000 calls to objects, of which two a second are 600 by then.
 */
const LIFETIME_MS = 300_000;

/** A restart takes about so long; sooner would only fail again. */
const RECONNECT_AFTER_MS = 1_000;

export interface JobEventsDeps {
  /** The next that is to be seen; null where the job is not there any more, or can't be asked. */
  readonly watch: (seen: WatchRequest) => Promise<Watched | null>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
}

/**
 * The server-sent events of a job, as texts: a snapshot (unless the client has it), then what changes, then the end.
 * Each event's id is how far the client is with it, so one that connects again continues from there.
 *
 * @param first what was seen before the answer began, so that a refusal still has its status
 * @param from how far the client was before
 */
export async function* jobEvents(
  deps: JobEventsDeps,
  first: Watched,
  from: WatchPosition | null,
): AsyncGenerator<string, void> {
  const endsAt = deps.now() + LIFETIME_MS;
  const view = new View(from);
  let watched: Watched | null = first;
  let restMs = LOOK_EVERY_MS;
  const silence = new Silence(deps.now);
  yield retryText(RECONNECT_AFTER_MS);
  while (watched !== null && !deps.signal.aborted) {
    const { job, at } = watched.progress;
    const texts = view.show(watched);
    for (const text of texts) yield text;
    if (texts.length > 0) silence.break();
    if (isTerminal(job.status) || deps.now() >= endsAt) return;
    restMs = texts.length > 0 || watched.isHeld ? LOOK_EVERY_MS : Math.min(restMs * 2, IDLE_LOOK_EVERY_MS);
    // What it waits for may be over before the next look would be.
    const untilDueMs = job.waiting === null ? restMs : job.waiting.until - at + LOOK_EVERY_MS;
    const rest = pause(Math.max(LOOK_EVERY_MS, Math.min(restMs, untilDueMs)), deps.signal);
    yield* beating(rest, silence, deps.signal);
    if (deps.signal.aborted) return;
    watched = yield* beating(deps.watch(view.seen), silence, deps.signal);
  }
}

/** How long nothing has been sent: looks come and go meanwhile. */
class Silence {
  readonly #now: () => number;
  #since: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#since = now();
  }

  /** Until there has to be a heartbeat. */
  get leftMs(): number {
    return Math.max(0, this.#since + HEARTBEAT_EVERY_MS - this.#now());
  }

  break(): void {
    this.#since = this.#now();
  }
}

/** Yields heartbeats until the promise settles, or the client has gone. */
async function* beating<T>(
  promise: Promise<T>,
  silence: Silence,
  signal: AbortSignal,
): AsyncGenerator<string, T | null> {
  const settled = promise.then((value) => ({ value }));
  // Where the client goes first, nobody is left to hear of a failure.
  settled.catch(() => undefined);
  for (;;) {
    const over = new AbortController();
    const beat = pause(silence.leftMs, AbortSignal.any([signal, over.signal])).then(() => null);
    const result = await Promise.race([settled, beat]).finally(() => over.abort());
    if (result !== null) return result.value;
    if (signal.aborted) return null;
    yield HEARTBEAT;
    silence.break();
  }
}

/** A revision that no job has. */
const BEFORE_ALL = "0";

/** What one client has been shown. */
class View {
  readonly #pace = new Pace();
  /** Streams as they were last sent, by name. */
  readonly #streams = new Map<string, string>();
  #at: WatchPosition | null;
  #isNew = true;

  constructor(from: WatchPosition | null) {
    this.#at = from;
  }

  get seen(): WatchRequest {
    return this.#at ?? { revision: null, logged: null };
  }

  /** The events that bring the client from where it is to this. */
  show({ progress, entries, logged, logCursor }: Watched): string[] {
    const { revision, job } = progress;
    const rate = this.#pace.after(progress);
    const texts = entries.map((entry, index) => {
      // With an entry the client still has the progress it had.
      const id = { revision: this.#at?.revision ?? revision, logged: logged - entries.length + index + 1 };
      return eventText({ event: "log", id: formatPosition(id), data: logEntryBody(entry, id.logged) });
    });
    const isKnown = this.#at?.revision === revision;
    const isFirst = this.#isNew;
    this.#at = { revision, logged };
    this.#isNew = false;
    if (isKnown) return texts;
    const event = (name: string, id: WatchPosition, streams: readonly StreamView[]) => {
      const data = progressBody(progress, rate, streams.map(streamBody), logCursor);
      texts.push(eventText({ event: name, id: formatPosition(id), data }));
    };
    if (job.completedAt === null) {
      event(isFirst ? "snapshot" : "progress", this.#at, this.#changed(progress.streams));
      return texts;
    }
    // Who has this but not the end yet must not be taken for one who has both.
    if (isFirst) event("snapshot", { revision: BEFORE_ALL, logged }, progress.streams);
    event("end", this.#at, progress.streams);
    return texts;
  }

  #changed(streams: readonly StreamView[]): StreamView[] {
    return streams.filter((stream) => {
      const text = JSON.stringify(stream);
      if (this.#streams.get(stream.name) === text) return false;
      this.#streams.set(stream.name, text);
      return true;
    });
  }
}
