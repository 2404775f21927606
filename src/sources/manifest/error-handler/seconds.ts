import { SourceFailure } from "#sources/source";
import type { TemplateContext } from "#sources/manifest/template/template";
import type { Text } from "#sources/manifest/text";

/** A number of seconds that the manifest gives. Throws a SourceFailure where it is none for this config. */
export function secondsOf(text: Text, field: string, occasion?: TemplateContext): number {
  const seconds = numberIn(text.text(occasion));
  if (seconds !== null && Number.isFinite(seconds)) return seconds;
  throw new SourceFailure({
    kind: "bad_request",
    message: `The manifest's ${field} is no number for this config: ${text.source}. Correct it in the manifest.`,
    final: true,
  });
}

/** A text as Python's `float` reads it; null where it is no number. */
export function numberIn(text: string): number | null {
  const trimmed = text.trim();
  if (!/^[+-]?(?:\d+(?:_\d+)*\.?\d*(?:_\d+)*|\.\d+(?:_\d+)*)(?:e[+-]?\d+)?$/i.test(trimmed)) return null;
  return Number(trimmed.replaceAll("_", ""));
}
