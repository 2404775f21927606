import type { Job, LogEntry } from "./api-answers.ts";
import { isFinal } from "./job-end.ts";
import { countsOf, doneBy } from "./job-report.ts";
import { logText } from "./log-report.ts";
import { count, ProgressBar, type TextOutput } from "./progress-bar.ts";
import { oneLine, shorten } from "./terminal-text.ts";

const FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
const FRAME_MS = 80;
/** Where the output is a file or a pipe, a line at most this often. */
const PLAIN_EVERY_MS = 5_000;
/** A bar that has come far enough stays as it is at the end. */
const WITH_BAR: ReadonlySet<Job["status"]> = new Set(["RUNNING", "COMPLETED"]);
const CLEAR_LINE = "\r\u001B[2K";
/** Over before it is read. */
const SHORT_WAIT_MS = 2_000;
const USUAL_COLUMNS = 80;
/** That a job waits and goes on is seen as it happens, and how it ended is reported. */
const TOLD: ReadonlySet<string> = new Set([
  "planned",
  "rate_limited",
  "retrying",
  "restarted",
  "entity_refused",
  "stream_read",
  "stream_finished",
  "stream_failed",
]);

export interface ProgressOutput extends TextOutput {
  readonly columns?: number;
}

export interface JobProgressOptions {
  /** How many entities the job will deal with, as far as can be known; null for no idea. */
  readonly expected: number | null;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * Shows how a job gets on. On a terminal in one line that changes: a bar where the end is known, otherwise a count that
 * grows. Elsewhere a line when something changes that matters, and every few seconds.
 */
export class JobProgress {
  readonly #output: ProgressOutput;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #bar: ProgressBar;
  #expected: number | null;
  #isBarShown = false;
  /** A job that is watched from its middle has done much already, and not since we look. */
  #doneBefore: number | null = null;
  #latest: Job | null = null;
  #shown: { readonly state: string; readonly done: number; readonly at: number } | null = null;

  constructor(output: ProgressOutput, { expected, now }: JobProgressOptions) {
    this.#output = output;
    this.#now = now;
    this.#startedAt = now();
    this.#expected = expected;
    this.#bar = new ProgressBar(output);
  }

  /** What moves, moves on. */
  redraw(): void {
    if (this.#latest !== null && !isFinal(this.#latest)) this.show(this.#latest);
  }

  /** Shows an entry of the job's log where it says more than the progress and the end do, above what changes. */
  tell(entry: LogEntry): void {
    if (!TOLD.has(entry.type)) return;
    if (this.#output.isTTY === true) this.#output.write(CLEAR_LINE);
    this.#output.write(`  ${logText(entry)}\n`);
    this.redraw();
  }

  show(job: Job): void {
    this.#latest = job;
    const done = doneBy(job);
    const elapsedMs = this.#now() - this.#startedAt;
    this.#doneBefore ??= done;
    const doneBefore = this.#doneBefore;
    const wait = waitOf(job, this.#now());
    // What was expected was a guess.
    if (this.#expected !== null && done > this.#expected) this.#expected = null;
    this.#isBarShown = this.#expected !== null && wait === null && WITH_BAR.has(job.status);
    if (this.#isBarShown && this.#expected !== null) {
      this.#bar.show({ done, total: this.#expected, elapsedMs, doneBefore });
    } else if (this.#output.isTTY === true) {
      const line = `${frameAt(elapsedMs)} ${wait ?? job.status}  ${numbersOf(done, doneBefore, elapsedMs)}`;
      this.#output.write(`${CLEAR_LINE}  ${shorten(line, (this.#output.columns ?? USUAL_COLUMNS) - 3)}`);
    } else if (!isFinal(job)) {
      this.#showPlain(job, wait, elapsedMs);
    }
  }

  /** Leaves the terminal at the beginning of a line. A bar stays, a line that only said "still busy" goes. */
  close(): void {
    if (this.#isBarShown) this.#bar.close();
    else if (this.#output.isTTY === true) this.#output.write(CLEAR_LINE);
  }

  #showPlain(job: Job, wait: string | null, at: number): void {
    const state = wait ?? job.status;
    const done = doneBy(job);
    const before = this.#shown;
    const isNews = before === null || before.state !== state;
    if (!isNews && (before.done === done || at - before.at < PLAIN_EVERY_MS)) return;
    this.#shown = { state, done, at };
    this.#output.write(`${job.status}: ${countsOf(job)}${wait === null ? "" : ` (${wait})`}\n`);
  }
}

/** What a job waits for, if it is for long enough to be worth a word. */
function waitOf({ waiting_until: until, waiting_reason: reason }: Job, now: number): string | null {
  if (until === null || Date.parse(until) - now < SHORT_WAIT_MS) return null;
  const why = reason === null ? "" : `: ${reason.replace(/\.$/, "")}`;
  return oneLine(`waiting until ${until.slice(0, 19).replace("T", " ")} UTC${why}`);
}

/** `12,600 entities  8,400/s  0:01` */
function numbersOf(done: number, doneBefore: number, elapsedMs: number): string {
  const perSecond = elapsedMs < 1 ? 0 : Math.round(((done - doneBefore) / elapsedMs) * 1_000);
  const seconds = Math.floor(elapsedMs / 1_000);
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return `${count(done)} entities  ${count(perSecond)}/s  ${clock}`;
}

function frameAt(elapsedMs: number): string {
  return FRAMES[Math.floor(elapsedMs / FRAME_MS) % FRAMES.length] ?? "";
}
