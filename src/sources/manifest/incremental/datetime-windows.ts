import { CursorLost } from "#sources/source";
import { subtractDuration, type Duration } from "#sources/manifest/python/duration";
import { instantFromMillis, isBefore, type Instant } from "#sources/manifest/python/instant";
import { PythonError } from "#sources/manifest/python/python-error";
import type { Scope } from "#sources/manifest/scope";
import { compileTemplate } from "#sources/manifest/template/template";
import type { Text } from "#sources/manifest/text";
import { clampingTo, type Clamping } from "./clamping.ts";
import { cursorFailure, inField } from "./cursor-failure.ts";
import type { CursorFormat } from "./cursor-format.ts";
import type { DatetimeCursorFields } from "./datetime-cursor-fields.ts";
import type { CursorValue, Window } from "./incremental-sync.ts";
import { isNegative, isoDuration, isZero } from "./iso-duration.ts";
import { timeSpans } from "./time-spans.ts";

/** A request each; a stream that needs more has a step that is a mistake. */
const MAX_WINDOWS = 100_000;

/** What is read at some moment: nothing before the start, nothing after the end. */
interface Bounds {
  readonly start: Instant;
  readonly end: Instant;
}

/** How the time is cut, apart from where. */
interface Terms {
  readonly clamping: Clamping | null;
  readonly step: Duration | null;
  readonly lookback: Duration | null;
  readonly granularity: Duration | null;
}

/** The stretches of time that a datetime cursor reads. Whatever a template makes of the config is read when asked for. */
export class DatetimeWindows {
  readonly #parts: DatetimeCursorFields;
  readonly #format: CursorFormat;
  readonly #scope: Scope;
  readonly #names: readonly [start: string, end: string];
  #terms: Terms | null = null;
  #bounds: (Bounds & { readonly now: number }) | null = null;
  #made: { readonly since: CursorValue | null; readonly now: number; readonly windows: readonly Window[] } | null =
    null;

  /** @param names of a window's start and end, as templates see them */
  constructor(
    parts: DatetimeCursorFields,
    format: CursorFormat,
    scope: Scope,
    names: readonly [start: string, end: string],
  ) {
    this.#parts = parts;
    this.#format = format;
    this.#scope = scope;
    this.#names = names;
  }

  /** Partitions that are read from their beginning all have the same windows, maybe thousands: they are made once. */
  between(since: CursorValue | null, now: number): readonly Window[] {
    if (this.#made?.since !== since || this.#made.now !== now) {
      this.#made = { since, now, windows: this.#cut(since, now) };
    }
    return this.#made.windows;
  }

  /** Where a read begins: the lookback before the state, and never before the start. */
  beginning(since: CursorValue | null, now: number): Instant {
    const { start } = this.boundsAt(now);
    const before = since === null ? start : latest(this.instantOf(since), start);
    const { lookback } = this.#cutTerms();
    if (lookback === null) return before;
    try {
      return latest(subtractDuration(before, lookback), start);
    } catch (error) {
      // Before the calendar's first year there is nothing.
      if (error instanceof PythonError) return start;
      throw error;
    }
  }

  boundsAt(now: number): Bounds {
    if (this.#bounds?.now === now) return this.#bounds;
    const { start_datetime: first, end_datetime: last, datetime_format: format } = this.#parts;
    const { stream } = this.#scope;
    const { clamping, granularity } = this.#cutTerms();
    const then = atMoment(this.#scope, now);
    const start = inField(stream, "start_datetime", () => first(then).value(format));
    const end = inField(stream, "end_datetime", () => last?.(then).value(format)) ?? instantFromMillis(now);
    // Of periods, only whole ones are read: up to the end of the last one that is over.
    const clamped = clamping && subtractDuration(clamping.down(end), granularity ?? clamping.granularity);
    this.#bounds = { now, start, end: clamped ?? end };
    return this.#bounds;
  }

  /** @throws CursorLost for a value that this cursor did not write */
  instantOf(value: CursorValue): Instant {
    const instant = this.#format.ofState(value);
    if (instant !== null) return instant;
    throw new CursorLost(
      `The cursor of ${this.#scope.stream}, "${value}", is not in the format of its datetime_format.`,
    );
  }

  #cut(since: CursorValue | null, now: number): readonly Window[] {
    const { clamping, step, granularity } = this.#cutTerms();
    const spans = timeSpans(this.beginning(since, now), {
      ...this.boundsAt(now),
      step,
      granularity,
      // From the configured start on, periods are read that are whole. The state lies within one that was read, maybe
      // not to its very end where the granularity is coarser than the API's values: it is read again.
      clampFirst: (instant) => (since === null ? clamping?.up(instant) : clamping?.down(instant)) ?? instant,
      clamp: (instant) => clamping?.up(instant) ?? instant,
      comparesStrictly: this.#parts.is_compare_strictly === true,
    });
    const all = [...spans.take(MAX_WINDOWS + 1)];
    if (all.length > MAX_WINDOWS) {
      throw cursorFailure(
        this.#scope.stream,
        "step",
        `It cuts the time to read into more than ${MAX_WINDOWS} windows.`,
      );
    }
    const [startName, endName] = this.#names;
    return all.map((span) => {
      const end = this.#format.forRequest(span.end);
      const ends: [string, string][] = [
        [startName, this.#format.forRequest(span.start)],
        [endName, end],
      ];
      return { cursorSlice: Object.fromEntries(ends), end };
    });
  }

  #cutTerms(): Terms {
    if (this.#terms !== null) return this.#terms;
    const { step, lookback_window: lookback, cursor_granularity: granularity } = this.#parts;
    const scope = this.#scope;
    this.#terms = {
      clamping: this.#clamping(),
      step: durationOf(step?.(scope), scope.stream, "step"),
      lookback: durationOf(lookback?.(scope), scope.stream, "lookback_window"),
      granularity: nonZero(granularity ?? null),
    };
    return this.#terms;
  }

  #clamping(): Clamping | null {
    const { clamping } = this.#parts;
    if (clamping === null || clamping === undefined) return null;
    const target = clamping.target(this.#scope).text();
    const found = clampingTo(target, clamping.target_details?.weekday);
    if (found !== null) return found;
    const expected = "DAY, MONTH, or WEEK with target_details.weekday";
    throw cursorFailure(this.#scope.stream, "clamping", `"${target}" is not ${expected}.`);
  }
}

/** Null where there is none: left out, nothing by Python's rules, or zero, which cuts nothing off. */
function durationOf(field: Text | undefined, stream: string, name: string): Duration | null {
  const value = field?.value();
  if (field === undefined || value === null || value === "" || value === 0 || value === false) return null;
  const source = field.text();
  const duration = inField(stream, name, () => isoDuration(source));
  if (isNegative(duration)) throw cursorFailure(stream, name, `'${source}' goes backwards.`);
  return nonZero(duration);
}

function nonZero(duration: Duration | null): Duration | null {
  return duration === null || isZero(duration) ? null : duration;
}

/** The scope at a moment: a read that goes on for hours keeps the windows that it began with. */
function atMoment(scope: Scope, now: number): Scope {
  const then = () => now;
  return {
    ...scope,
    now: then,
    compile: (source) => {
      const template = scope.compile(source);
      return template.readsClock ? compileTemplate(source, { now: then, uuid: () => "" }) : template;
    },
  };
}

function latest(a: Instant, b: Instant): Instant {
  return isBefore(a, b) ? b : a;
}
