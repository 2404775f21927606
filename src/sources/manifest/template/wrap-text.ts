import { valueError } from "#sources/manifest/python/python-error";
import { splitLines } from "#sources/manifest/python/text-case";

export interface Wrapping {
  /** Characters in a line. */
  readonly width: number;
  readonly isLongWordBroken: boolean;
  readonly separator: string;
  readonly isBrokenAtHyphens: boolean;
}

const WORDS = /\s+|[^\s]+/gu;
const AFTER_HYPHENS = /(?<=\p{L}-)(?=\p{L})/u;

/** Breaks the lines of a text at spaces, and after hyphens if wanted, so that none is longer than the width. */
export function wrapText(text: string, wrapping: Wrapping): string {
  if (wrapping.width <= 0) throw valueError(`invalid width ${wrapping.width} (must be > 0)`);
  return splitLines(text)
    .map((line) => wrapLine(line, wrapping).join(wrapping.separator))
    .join(wrapping.separator);
}

function wrapLine(line: string, wrapping: Wrapping): readonly string[] {
  const lines: string[] = [];
  let current = "";
  for (const chunk of chunksOf(line, wrapping)) {
    const isFull = current.length + chunk.length > wrapping.width;
    if (isFull && current.trim() !== "") {
      lines.push(current.trimEnd());
      current = "";
    }
    // A line does not begin with spaces, but for the first.
    if (current === "" && lines.length > 0 && chunk.trim() === "") continue;
    current += chunk;
  }
  if (current.trimEnd() !== "") lines.push(current.trimEnd());
  return lines;
}

function chunksOf(line: string, { width, isLongWordBroken, isBrokenAtHyphens }: Wrapping): readonly string[] {
  const words = line.match(WORDS) ?? [];
  return words.flatMap((word) => {
    const parts = isBrokenAtHyphens && word.trim() !== "" ? hyphenated(word) : [word];
    return parts.flatMap((part) => (isLongWordBroken && part.length > width ? broken(part, width) : [part]));
  });
}

/** `re-entry` has two parts, `--re-entry` three: what hyphens there are before the word's own stands alone. */
function hyphenated(word: string): readonly string[] {
  const parts = word.split(AFTER_HYPHENS);
  return parts.flatMap((part, index) => {
    const before = index === parts.length - 1 ? -1 : part.slice(0, -1).lastIndexOf("-");
    return before === -1 ? [part] : [part.slice(0, before + 1), part.slice(before + 1)];
  });
}

function broken(word: string, width: number): readonly string[] {
  const parts = [];
  for (let at = 0; at < word.length; at += width) parts.push(word.slice(at, at + width));
  return parts;
}
