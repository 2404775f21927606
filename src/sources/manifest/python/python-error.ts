/** The Python exceptions that callers tell apart; what is not among them is a ValueError. */
export type PythonErrorKind =
  | "AttributeError"
  | "IndexError"
  | "KeyError"
  | "LimitError"
  | "OverflowError"
  | "SecurityError"
  | "TypeError"
  | "UndefinedError"
  | "ValueError"
  | "ZeroDivisionError";

/** What Python would raise. `LimitError` has no counterpart there: a bound of this interpreter was passed. */
export class PythonError extends Error {
  readonly kind: PythonErrorKind;

  constructor(kind: PythonErrorKind, message: string) {
    super(message);
    this.name = kind;
    this.kind = kind;
  }
}

export function typeError(message: string): PythonError {
  return new PythonError("TypeError", message);
}

export function valueError(message: string): PythonError {
  return new PythonError("ValueError", message);
}

export function limitError(message: string): PythonError {
  return new PythonError("LimitError", message);
}
