import { addDuration, subtractDuration, type Duration } from "#sources/manifest/python/duration";
import { compareInstants, isBefore, type Instant } from "#sources/manifest/python/instant";
import { PythonError } from "#sources/manifest/python/python-error";

/** A stretch of time, both ends included. */
export interface TimeSpan {
  readonly start: Instant;
  readonly end: Instant;
}

/** How time is cut. */
export interface Cut {
  /** Nothing before it is read. */
  readonly start: Instant;
  /** Nothing after it is read. */
  readonly end: Instant;
  /** How long a span is; null for one span over all of it. */
  readonly step: Duration | null;
  /** How far before the next span's start a span ends; null where spans share their boundary. */
  readonly granularity: Duration | null;
  /** Moves the first span's start to where spans may begin. */
  clampFirst(instant: Instant): Instant;
  /** Moves all other boundaries there. */
  clamp(instant: Instant): Instant;
  /** The API refuses a span whose ends are equal. */
  readonly comparesStrictly: boolean;
}

/**
 * Cuts the time from `from` to the end into spans, oldest first, exactly as the Airbyte CDK's `ConcurrentCursor` does:
 * the last span takes in its end whatever the granularity, and a step that reaches the end makes it one span.
 */
export function* timeSpans(from: Instant, cut: Cut): Generator<TimeSpan, void, undefined> {
  const { start, end, step, granularity } = cut;
  const order = compareInstants(from, end);
  if (order > 0 || (order === 0 && granularity === null) || isBefore(end, start)) return;
  const lower = cut.clampFirst(isBefore(from, start) ? start : from);
  const gap = compareInstants(lower, end);
  if (gap > 0 || (gap === 0 && cut.comparesStrictly)) return;
  if (step === null || !isBefore(stepFrom(lower, step, end), end)) {
    yield { start: lower, end: granularity === null ? cut.clamp(end) : end };
    return;
  }
  let current = lower;
  for (;;) {
    const next = stepFrom(current, step, end);
    const clamped = isBefore(next, end) ? cut.clamp(next) : end;
    const isLast = compareInstants(clamped, end) === 0;
    const first = cut.clamp(current);
    if (!isBefore(first, clamped)) return;
    yield { start: first, end: granularity === null || isLast ? clamped : subtractDuration(clamped, granularity) };
    if (isLast) return;
    current = clamped;
  }
}

/** A step beyond the end of the calendar is one to the end. */
function stepFrom(instant: Instant, step: Duration, end: Instant): Instant {
  try {
    return addDuration(instant, step);
  } catch (error) {
    if (error instanceof PythonError) return end;
    throw error;
  }
}
