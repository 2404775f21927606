/** As Python's `capitalize`: the first letter large, the others small. */
export function capitalize(text: string): string {
  const [first = "", ...rest] = Array.from(text);
  return first.toUpperCase() + rest.join("").toLowerCase();
}

/** As Python's `title`: a letter is large after whatever is no letter, an apostrophe included. */
export function titleCase(text: string): string {
  return text.replaceAll(/\p{L}+/gu, capitalize);
}

export function swapCase(text: string): string {
  return Array.from(text, (character) =>
    character === character.toUpperCase() ? character.toLowerCase() : character.toUpperCase(),
  ).join("");
}

const LINE = /[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]|$)/g;
const ENDING = /(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])$/;

/** As Python's `splitlines`; a last empty line is none. */
export function splitLines(text: string, keepsEnds = false): readonly string[] {
  const lines = (text.match(LINE) ?? []).filter((line) => line !== "");
  return keepsEnds ? lines : lines.map((line) => line.replace(ENDING, ""));
}
