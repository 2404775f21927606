import type { RegexFlags } from "./regex-syntax.ts";

type Accepts = (character: string) => boolean;

const DIGIT = /^\p{Nd}$/u;
/** Python counts the separators of files, groups, records and units, and the next line, as space. */
const SPACE = new RegExp(String.raw`^[\s\u001c-\u001f\u0085]$`, "u");
const WORD = /^[\p{L}\p{N}_]$/u;
const ASCII_DIGIT = /^\d$/;
const ASCII_SPACE = /^[ \t\n\r\f\v]$/;
const ASCII_WORD = /^\w$/;

/** Is the character part of a word, for `\w` and `\b`? */
export function isWord(character: string | undefined, isAscii: boolean): boolean {
  return character !== undefined && (isAscii ? ASCII_WORD : WORD).test(character);
}

/** What `\d`, `\s`, `\w` and their opposites take; undefined for another letter. */
export function classEscape(letter: string, { isAscii }: RegexFlags): Accepts | undefined {
  const shapes = new Map([
    ["d", isAscii ? ASCII_DIGIT : DIGIT],
    ["s", isAscii ? ASCII_SPACE : SPACE],
    ["w", isAscii ? ASCII_WORD : WORD],
  ]);
  const shape = shapes.get(letter.toLowerCase());
  if (shape === undefined) return undefined;
  const isNegative = letter !== letter.toLowerCase();
  return (character) => shape.test(character) !== isNegative;
}

/** One character, in either case if case does not matter. */
export function literal(expected: string, { ignoresCase }: RegexFlags): Accepts {
  if (!ignoresCase) return (character) => character === expected;
  const folded = expected.toLowerCase();
  return (character) => character.toLowerCase() === folded;
}

/** A range of characters, by code points. */
export function range(from: string, to: string, { ignoresCase }: RegexFlags): Accepts {
  const low = from.codePointAt(0) ?? 0;
  const high = to.codePointAt(0) ?? 0;
  const within = (character: string) => {
    const code = character.codePointAt(0) ?? -1;
    return code >= low && code <= high;
  };
  if (!ignoresCase) return within;
  return (character) => within(character) || within(character.toLowerCase()) || within(character.toUpperCase());
}
