/** How far something has come. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly elapsedMs: number;
  /** What was done when the time began; default none. */
  readonly doneBefore?: number;
}

const BAR_COLUMNS = 30;
/** Eighths of a cell, so that the bar moves smoothly. */
const PARTIAL_BLOCKS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
/** Where the output is a file, one line at each of these shares. */
const PLAIN_STEPS = 4;
const CLEAR_LINE = "\r\u001B[2K";

export interface TextOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Shows progress: on a terminal as a bar that grows in place, elsewhere as a line at each quarter. */
export class ProgressBar {
  readonly #output: TextOutput;
  #plainStepsShown = -1;

  constructor(output: TextOutput) {
    this.#output = output;
  }

  show(progress: Progress): void {
    if (this.#output.isTTY === true) {
      this.#output.write(`${CLEAR_LINE}  ${renderProgress(progress)}`);
      return;
    }
    const step = Math.floor(share(progress) * PLAIN_STEPS);
    if (step === this.#plainStepsShown) return;
    this.#plainStepsShown = step;
    this.#output.write(`  ${renderCounts(progress)}\n`);
  }

  /** Leaves the bar as it is and goes to the next line. */
  close(): void {
    if (this.#output.isTTY === true) this.#output.write("\n");
  }
}

/** `██████▌       42 %  12,600 of 30,000  8,400/s` */
export function renderProgress(progress: Progress): string {
  const eighths = Math.round(share(progress) * BAR_COLUMNS * 8);
  const full = "█".repeat(Math.floor(eighths / 8));
  const bar = (full + (PARTIAL_BLOCKS[eighths % 8] ?? "")).padEnd(BAR_COLUMNS, "░");
  return `${bar} ${renderCounts(progress)}`;
}

function renderCounts(progress: Progress): string {
  const { done, total, elapsedMs, doneBefore = 0 } = progress;
  const percent = `${Math.floor(share(progress) * 100)} %`.padStart(5);
  const perSecond = elapsedMs < 1 ? 0 : Math.round(((done - doneBefore) / elapsedMs) * 1_000);
  return `${percent}  ${count(done)} of ${count(total)}  ${count(perSecond)}/s`;
}

/** From 0 to 1. Nothing to do is done. */
function share({ done, total }: Progress): number {
  return total === 0 ? 1 : Math.min(1, done / total);
}

/** `12,600` */
export function count(number: number): string {
  return number.toLocaleString("en-US");
}
