import { PythonError } from "#sources/manifest/python/python-error";
import { SourceFailure } from "#sources/source";

/** A field of a cursor that turned out wrong once the config was known: no retry helps. */
export function cursorFailure(stream: string, field: string, message: string): SourceFailure {
  return new SourceFailure({
    kind: "bad_request",
    message: `The cursor of ${stream} can't be used: ${field}: ${message} Correct it in the manifest, or the config that it reads.`,
    final: true,
  });
}

/** Runs what reads a field of a cursor; what is wrong with it is told with the field's name. */
export function inField<Value>(stream: string, field: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    throw cursorFailure(stream, field, /[.!?]$/.test(error.message) ? error.message : `${error.message}.`);
  }
}
