/**
 * What clocks in a time zone show, as if it were UTC: epoch milliseconds that are no instant. A wall time can come twice
 * where clocks go back, and never where they go forward.
 */
export class WallClock {
  /** Making one takes much longer than asking it, and there are a few hundred zones. */
  static readonly #made = new Map<string, WallClock>();
  readonly #format: Intl.DateTimeFormat;

  static in(timeZone: string): WallClock {
    const made = WallClock.#made.get(timeZone) ?? new WallClock(timeZone);
    // Names count in upper and lower case, so whoever makes them up could go on for ever.
    if (WallClock.#made.size >= MOST_CLOCKS) WallClock.#made.clear();
    WallClock.#made.set(timeZone, made);
    return made;
  }

  private constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  }

  /** What the clocks show at an instant, to the second. */
  at(instant: number): number {
    const parts = this.#format.formatToParts(instant);
    const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((each) => each.type === type)?.value);
    return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  }

  /** The first instant at which the clocks show this; where they never do, the one at which they have gone past it. */
  firstInstantOf(wall: number): number {
    const offsets = [wall - FARTHEST_MS, wall + FARTHEST_MS].map((instant) => this.at(instant) - instant);
    const instants = offsets.map((offset) => wall - offset).toSorted((a, b) => a - b);
    const shown = instants.find((instant) => this.at(instant) === wall);
    if (shown !== undefined) return shown;
    // Clocks went forward past it: somewhere between the two, to the second.
    let [before = wall, after = wall] = instants;
    while (after - before > SECOND_MS) {
      const middle = before + Math.floor((after - before) / (2 * SECOND_MS)) * SECOND_MS;
      if (this.at(middle) < wall) before = middle;
      else after = middle;
    }
    return after;
  }
}

/** More than there are zones under all their names. */
const MOST_CLOCKS = 1_000;

const SECOND_MS = 1_000;

/** Farther than any clock is from UTC, together with the day that Samoa left out. */
const FARTHEST_MS = 40 * 3_600_000;
