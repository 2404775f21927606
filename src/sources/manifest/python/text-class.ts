const LETTER = /^\p{L}$/u;
const NUMBER = /^\p{N}$/u;
const DIGIT = /^[\p{Nd}\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089]$/u;
const DECIMAL = /^\p{Nd}$/u;
/** Python counts the separators of files, groups, records and units, and the next line, as space. */
const SPACE = new RegExp(String.raw`^[\s\u001c-\u001f\u0085]$`, "u");
const UPPER = /^[\p{Lu}]$/u;
const LOWER = /^[\p{Ll}]$/u;
const UNPRINTABLE = /^[\p{C}\p{Z}]$/u;

const all = (accepts: (character: string) => boolean) => (text: string) =>
  text !== "" && Array.from(text).every(accepts);

/** Every cased character is of one case, and there is one. */
const cased = (own: RegExp, other: RegExp) => (text: string) => {
  const characters = Array.from(text);
  return characters.some((character) => own.test(character)) && !characters.some((character) => other.test(character));
};

function isTitle(text: string): boolean {
  let isInWord = false;
  let hasWord = false;
  for (const character of text) {
    const isUpper = UPPER.test(character);
    const isCased = isUpper || LOWER.test(character);
    if (isCased && isUpper === isInWord) return false;
    isInWord = isCased;
    hasWord ||= isCased;
  }
  return hasWord;
}

const CLASSES: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ["isalnum", all((character) => LETTER.test(character) || NUMBER.test(character))],
  ["isalpha", all((character) => LETTER.test(character))],
  ["isascii", (text: string) => /^[\0-\x7f]*$/.test(text)],
  ["isdecimal", all((character) => DECIMAL.test(character))],
  ["isdigit", all((character) => DIGIT.test(character))],
  ["isidentifier", (text: string) => /^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(text)],
  ["islower", cased(LOWER, UPPER)],
  ["isnumeric", all((character) => NUMBER.test(character))],
  [
    "isprintable",
    (text: string) => Array.from(text).every((character) => character === " " || !UNPRINTABLE.test(character)),
  ],
  ["isspace", all((character) => SPACE.test(character))],
  ["istitle", isTitle],
  ["isupper", cased(UPPER, LOWER)],
]);

/** The method of a text that asks what its characters are: `isdigit` and its kin. */
export function classOf(method: string): ((text: string) => boolean) | undefined {
  return CLASSES.get(method);
}
