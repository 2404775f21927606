import { CONTROL_ESCAPES } from "./control-escapes.ts";
import { allowTextLength } from "./limits.ts";
import { valueError } from "./python-error.ts";
import type { Budget, Regex, RegexMatch } from "./regex.ts";

/** As Python's `re.sub(regex, replacement, text)`. Throws what `Regex` throws, and a ValueError at a wrong replacement. */
export function replaceMatches(regex: Regex, replacement: string, text: string, budget: Budget): string {
  const expand = parseReplacement(regex, replacement);
  const characters = Array.from(text);
  const parts: string[] = [];
  let length = 0;
  let copied = 0;
  for (let from = 0; from <= characters.length;) {
    const match = regex.search(characters, from, budget);
    if (match === undefined) break;
    const part = characters.slice(copied, match.start).join("") + expand(match);
    length += part.length;
    allowTextLength(length);
    parts.push(part);
    copied = match.end;
    from = match.end;
    if (match.end === match.start) {
      // After an empty match the next may not begin at the same place.
      parts.push(characters[copied] ?? "");
      copied += 1;
      from += 1;
    }
  }
  return parts.join("") + characters.slice(copied).join("");
}

const REFERENCE = /\\(?:g<([^>]*)>|([1-9]\d?)|(0[0-7]{0,2})|([\s\S]))/g;
const ESCAPES: Readonly<Record<string, string>> = { ...CONTROL_ESCAPES, "\\": "\\" };

function parseReplacement(regex: Regex, replacement: string): (match: RegexMatch) => string {
  const parts: (string | number)[] = [];
  let at = 0;
  for (const match of replacement.matchAll(REFERENCE)) {
    const [whole, name, digits, octal, letter] = match;
    parts.push(replacement.slice(at, match.index));
    at = match.index + whole.length;
    if (octal !== undefined) parts.push(String.fromCodePoint(Number.parseInt(octal, 8)));
    else if (letter === undefined) parts.push(groupIndex(regex, name ?? digits ?? ""));
    else parts.push(escaped(letter));
  }
  parts.push(replacement.slice(at));
  return (match) => parts.map((part) => (typeof part === "number" ? (match.groups[part] ?? "") : part)).join("");
}

function groupIndex(regex: Regex, name: string): number {
  const index = /^\d+$/.test(name) ? Number(name) : regex.names.get(name);
  if (index === undefined || index > regex.groupCount) throw valueError(`invalid group reference ${name}`);
  return index;
}

function escaped(letter: string): string {
  const known = ESCAPES[letter];
  if (known === undefined && /[a-zA-Z]/.test(letter)) throw valueError(`bad escape \\${letter} in the replacement`);
  return known ?? `\\${letter}`;
}
