import { PythonError } from "./python-error.ts";

/** A text is not in the format that was expected; the message names both. */
export class DatetimeMismatch extends PythonError {
  constructor(message: string) {
    super("ValueError", message);
    this.name = "DatetimeMismatch";
  }
}
