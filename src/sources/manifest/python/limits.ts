import { limitError } from "./python-error.ts";

/** The longest text that an expression may make, in UTF-16 units: far above any request, far below a Worker's memory. */
const MAX_TEXT_LENGTH = 1_000_000;

/** The longest format of a date, in characters: a directive of two can stand for a text of twenty. */
const MAX_DATE_FORMAT_LENGTH = 1000;

/** The longest list that an expression may make: more than any page of records has. */
const MAX_LIST_LENGTH = 100_000;

/** The largest integer that an expression may make, in bits: CPython refuses to print one of more than 4,300 digits. */
export const MAX_INTEGER_BITS = 14_285;

/** How deep lists and dicts may contain each other where they are shown, compared or parsed. */
export const MAX_DEPTH = 200;

/** How many lists and dicts may be looked at to show or compare one value: more than any page of records has. */
export const MAX_VISITS = 200_000;

/** Throws a LimitError if a text of this length may not be made; to be asked before it is. */
export function allowTextLength(length: number): void {
  if (length > MAX_TEXT_LENGTH) {
    throw limitError(`It makes a text of ${length} characters, more than the limit of ${MAX_TEXT_LENGTH}.`);
  }
}

/** Throws a LimitError at a format of a date that nobody would write. */
export function allowDateFormat(format: string): void {
  if (format.length > MAX_DATE_FORMAT_LENGTH) {
    throw limitError(
      `The format of a date has ${format.length} characters, more than the limit of ${MAX_DATE_FORMAT_LENGTH}.`,
    );
  }
}

/** Throws a LimitError if a list of this length may not be made; to be asked before it is. */
export function allowListLength(length: number): void {
  if (length > MAX_LIST_LENGTH) {
    throw limitError(`It makes a list of ${length} items, more than the limit of ${MAX_LIST_LENGTH}.`);
  }
}
