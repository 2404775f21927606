import { PythonError } from "#sources/manifest/python/python-error";

/** A template that is wrong, or that can't be evaluated with what it was given. */
export class TemplateError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TemplateError";
  }
}

/** So much of a template is quoted in messages. */
const QUOTED_LENGTH = 200;

/** So much of what went wrong is told: it may quote a value, which may be long. */
const TOLD_LENGTH = 500;

/** A mistake in the text of a template, and the line and column (both from 1) where it was noticed. */
export function syntaxError(text: string, at: number, problem: string): TemplateError {
  const before = text.slice(0, at).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  return new TemplateError(
    `The template ${shortened(text)} is wrong at line ${before.length}, column ${column}: ${problem}`,
  );
}

/** What went wrong while a template was evaluated; errors that are no fault of the template's stay what they are. */
export function evaluationError(text: string, error: unknown): unknown {
  if (error instanceof PythonError) {
    const kind = error.kind === "LimitError" ? "" : `${error.kind}: `;
    const told = error.message.length > TOLD_LENGTH ? `${error.message.slice(0, TOLD_LENGTH)}…` : error.message;
    return new TemplateError(`The template ${shortened(text)} can't be evaluated: ${kind}${told}`, {
      cause: error,
    });
  }
  if (error instanceof RangeError) {
    // The stack or a text ran full: the engine's own limits are below the interpreter's.
    return new TemplateError(`The template ${shortened(text)} can't be evaluated: it is nested too deep or too large.`);
  }
  return error;
}

function shortened(text: string): string {
  return JSON.stringify(text.length > QUOTED_LENGTH ? `${text.slice(0, QUOTED_LENGTH)}…` : text);
}
