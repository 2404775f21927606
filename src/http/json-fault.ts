/** What is wrong with a JSON text, and where. */
export interface JsonFault {
  /** In UTF-16 code units from the beginning of the text. */
  readonly offset: number;
  readonly problem: string;
}

/** Deeper than any real configuration, shallow enough for everything behind that recurses. */
const MAX_DEPTH = 64;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WHITESPACE = /[ \t\n\r]*/y;
const LITERAL = /true|false|null/y;

/** An open object holds the keys it has seen; an open array is null. */
type Open = Set<string> | null;
/** What may come next. */
type Expected = "value" | "value or ]" | "key" | "key or }" | "comma or end";

/**
 * Finds what makes a text unfit as a request body: anything JSON forbids, and what JSON allows but readers disagree on
 * (duplicate keys, lone surrogates, `__proto__`, numbers beyond a double) or choke on (deep nesting). Keeps its own
 * stack, so no input can overflow the real one. A text without fault is safe to `JSON.parse`.
 */
export function findJsonFault(text: string): JsonFault | null {
  const open: Open[] = [];
  let at = skip(WHITESPACE, text, 0);
  let expected: Expected = "value";
  for (;;) {
    const character = text[at];
    const container = open.at(-1);
    if (expected === "comma or end") {
      if (container === undefined) return at === text.length ? null : fault(at, "there is something after its end");
      if (character === ",") {
        at += 1;
        expected = container === null ? "value" : "key";
      } else if (character === (container === null ? "]" : "}")) {
        at += 1;
        open.pop();
      } else {
        return fault(at, `a comma or a closing ${container === null ? "bracket" : "brace"} is missing`);
      }
    } else if (character === "]" && expected === "value or ]") {
      at += 1;
      open.pop();
      expected = "comma or end";
    } else if (character === "}" && expected === "key or }") {
      at += 1;
      open.pop();
      expected = "comma or end";
    } else if (expected === "key" || expected === "key or }") {
      if (character !== '"') return fault(at, "a key in double quotes is missing");
      const end = endOfString(text, at);
      if (typeof end !== "number") return end;
      const key: string = JSON.parse(text.slice(at, end));
      const problem = keyProblem(key, container ?? new Set());
      if (problem !== null) return fault(at, problem);
      container?.add(key);
      at = skip(WHITESPACE, text, end);
      if (text[at] !== ":") return fault(at, "a colon is missing");
      at += 1;
      expected = "value";
    } else if (character === "[" || character === "{") {
      if (open.length === MAX_DEPTH) return fault(at, `it is nested deeper than ${MAX_DEPTH} levels`);
      open.push(character === "[" ? null : new Set());
      expected = character === "[" ? "value or ]" : "key or }";
      at += 1;
    } else {
      const end = endOfScalar(text, at);
      if (typeof end !== "number") return end;
      at = end;
      expected = "comma or end";
    }
    at = skip(WHITESPACE, text, at);
  }
}

function keyProblem(key: string, seen: ReadonlySet<string>): string | null {
  if (seen.has(key)) return "a key occurs twice in the same object";
  return key === "__proto__" ? "`__proto__` is not allowed as a key" : null;
}

function endOfScalar(text: string, start: number): number | JsonFault {
  if (text[start] === '"') return endOfString(text, start);
  const literalEnd = skip(LITERAL, text, start);
  if (literalEnd > start) return literalEnd;
  const end = skip(NUMBER, text, start);
  if (end === start) return fault(start, start >= text.length ? "it ends too early" : "a value is missing");
  return Number.isFinite(Number(text.slice(start, end))) ? end : fault(start, "a number is too large");
}

/** Where the string that begins at `start` ends, behind its closing quote. */
function endOfString(text: string, start: number): number | JsonFault {
  let escaped = false;
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      if (escaped && !isWellFormed(text.slice(start, at + 1))) {
        return fault(start, "a string has a bad escape or half of a surrogate pair");
      }
      return at + 1;
    }
    if (code < FIRST_PRINTABLE) return fault(at, "a string has an unescaped control character");
    if (code === BACKSLASH) {
      escaped = true;
      at += 1;
    }
  }
  return fault(text.length, "a string is not closed");
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;

function isWellFormed(quoted: string): boolean {
  try {
    const value: string = JSON.parse(quoted);
    return value.isWellFormed();
  } catch {
    return false;
  }
}

/** Where the sticky pattern's match at `from` ends; `from` itself where there is none. */
function skip(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : from;
}

function fault(offset: number, problem: string): JsonFault {
  return { offset, problem };
}
