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

/** What ends a line, beside a carriage return with its line feed. */
const END = String.raw`\n\r\v\f\u001c-\u001e\u0085\u2028\u2029`;
const LINE = new RegExp(String.raw`[^${END}]*(?:\r\n|[${END}]|$)`, "g");
const ENDING = new RegExp(String.raw`(?:\r\n|[${END}])$`);

/** As Python's `splitlines`; a last empty line is none. */
export function splitLines(text: string, keepsEnds = false): readonly string[] {
  const lines = (text.match(LINE) ?? []).filter((line) => line !== "");
  return keepsEnds ? lines : lines.map((line) => line.replace(ENDING, ""));
}
