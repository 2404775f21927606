/**
 * Text from elsewhere (names, records, errors of sources) as it may be shown on a terminal: on one line, without the
 * control characters that move its cursor, change its title or answer in the person's name.
 */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ");
}

/** The same for text of several lines. */
export function manyLines(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]+/gu, " ");
}

/** How many columns it takes, for letters that take one. */
export function columnsOf(text: string): number {
  return Array.from(text).length;
}

/** At most so many characters, the last one an ellipsis where some are left out. */
export function shorten(text: string, characters: number): string {
  const all = Array.from(text);
  return all.length <= characters ? text : `${all.slice(0, Math.max(0, characters - 1)).join("")}…`;
}
