/** One part of a pattern: a character, any character, any number of them, or one of a set. */
type Part = string | typeof ANY | typeof MANY | CharacterSet;

interface CharacterSet {
  readonly isNegated: boolean;
  readonly ranges: readonly (readonly [string, string])[];
}

const ANY = Symbol("any character");
const MANY = Symbol("any number of characters");

/** Does the text have a character that patterns give a meaning? */
export function isGlob(text: string): boolean {
  return /[*?[]/.test(text);
}

/**
 * Does a name fit a pattern, as Python's `fnmatch.fnmatchcase` has it? `*`, `?`, `[abc]`, `[a-z]` and `[!a]` mean
 * something, everything else itself. Takes no longer than both lengths multiplied, whatever the pattern.
 */
export function fitsGlob(name: string, pattern: string): boolean {
  const characters = Array.from(name);
  const parts = partsOf(Array.from(pattern));
  let at = 0;
  let part = 0;
  let retry: { readonly part: number; readonly at: number } | null = null;
  while (at < characters.length) {
    const expected = parts[part];
    if (expected === MANY) {
      retry = { part, at };
      part += 1;
    } else if (expected !== undefined && fits(characters[at] ?? "", expected)) {
      part += 1;
      at += 1;
    } else if (retry === null) {
      return false;
    } else {
      // The last "many" takes one more; an earlier one need not, as this one can stand for whatever it would.
      retry = { part: retry.part, at: retry.at + 1 };
      part = retry.part + 1;
      at = retry.at;
    }
  }
  return parts.slice(part).every((rest) => rest === MANY);
}

function fits(character: string, part: Exclude<Part, typeof MANY>): boolean {
  if (part === ANY) return true;
  if (typeof part === "string") return character === part;
  return part.ranges.some(([from, to]) => from <= character && character <= to) !== part.isNegated;
}

function partsOf(pattern: readonly string[]): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at] ?? "";
    const end = character === "[" ? endOfSet(pattern, at) : -1;
    if (end !== -1) {
      parts.push(setOf(pattern.slice(at + 1, end)));
      at = end;
    } else if (character === "*") {
      if (parts.at(-1) !== MANY) parts.push(MANY);
    } else {
      parts.push(character === "?" ? ANY : character);
    }
  }
  return parts;
}

/** Where the set that begins at `start` ends; -1 where nothing closes it. A `]` that comes first is one of the set. */
function endOfSet(pattern: readonly string[], start: number): number {
  const first = start + (pattern[start + 1] === "!" ? 2 : 1);
  return pattern.indexOf("]", first + 1);
}

function setOf(content: readonly string[]): CharacterSet {
  const isNegated = content[0] === "!";
  const characters = isNegated ? content.slice(1) : content;
  const ranges: [string, string][] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const from = characters[at] ?? "";
    const to = characters[at + 1] === "-" ? characters[at + 2] : undefined;
    ranges.push([from, to ?? from]);
    if (to !== undefined) at += 2;
  }
  return { isNegated, ranges };
}
