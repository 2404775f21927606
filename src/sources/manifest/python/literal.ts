import { Dict, PySet } from "./dict.ts";
import { MAX_DEPTH } from "./limits.ts";
import { negate } from "./number.ts";
import { parseInteger } from "./number-text.ts";
import { PythonError } from "./python-error.ts";
import { stringLiteral } from "./string-literal.ts";
import { float, Tuple, type Value } from "./value.ts";

/** A text is no literal. */
class NoLiteral extends Error {}

/** Thrown again and again: most texts are no literals, and an error takes long to make. */
const NO_LITERAL = new NoLiteral("no literal");

/** Nothing else begins a literal; most texts are told apart here. */
const FIRST = /^[ \t]*(?:[\d'"[({.+\-\\\n#]|True|False|None|set\b|[rRuU]['"])/;

/** What begins with digits and goes on with something that can't follow a number: a date, a time, an id. */
const NO_NUMBER = /^[ \t]*\d+[-:/\p{L}](?<!\d[eExXoObB])/u;

/**
 * As Python's `ast.literal_eval`: the value that a text denotes, or undefined where it denotes none. Complex numbers,
 * bytes and the ellipsis, which JSON can't carry, are taken for no literals.
 */
export function parseLiteral(text: string): { readonly value: Value } | undefined {
  if (!FIRST.test(text) || NO_NUMBER.test(text) || text.includes("\0") || /\\\r?\n$/.test(text)) return undefined;
  const reader = new LiteralReader(text.replace(/^[ \t]+/, ""));
  try {
    return { value: reader.read() };
  } catch (error) {
    if (error instanceof NoLiteral || error instanceof PythonError || error instanceof RangeError) return undefined;
    throw error;
  }
}

const NUMBER =
  /(?:0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+)|(?:\d(?:_?\d)*)?\.?(?:\d(?:_?\d)*)?(?:(?<=[\d.])[eE][+-]?\d(?:_?\d)*)?/y;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const BLANKS = /(?:[ \t\f]|\\\r?\n)*/y;
const BLANK_LINES = /(?:[ \t\f\r\n]|\\\r?\n|#[^\r\n]*)*/y;

class LiteralReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  /** Inside brackets, lines may end anywhere. */
  #brackets = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Value {
    this.#skipLeadingLines();
    const value = this.#value();
    this.#skip();
    const result = this.#peek() === "," ? this.#tuple(value) : value;
    this.#skip();
    this.#take(BLANK_LINES);
    if (this.#at < this.#text.length) throw NO_LITERAL;
    return result;
  }

  /** Blank lines and comments may stand before the value, but it may not be indented. */
  #skipLeadingLines(): void {
    const match = /^(?:[ \t\f]*(?:#[^\r\n]*)?\r?\n)*/.exec(this.#text);
    this.#at = match?.[0].length ?? 0;
  }

  #tuple(first: Value): Tuple {
    const items = [first];
    while (this.#accept(",")) {
      this.#skip();
      const next = this.#peek();
      if (next === "" || next === ")" || next === "\n" || next === "\r" || next === "#") break;
      items.push(this.#value());
      this.#skip();
    }
    return new Tuple(items);
  }

  #value(): Value {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw NO_LITERAL;
    this.#skip();
    const value = this.#signed();
    this.#depth -= 1;
    return value;
  }

  #signed(): Value {
    const sign = this.#peek();
    if (sign !== "-" && sign !== "+") return this.#atom();
    this.#at += 1;
    this.#skip();
    const number = this.#number();
    return sign === "-" ? (negate(number) ?? number) : number;
  }

  #atom(): Value {
    const character = this.#peek();
    switch (character) {
      case "[":
        return this.#within("[", "]", () => this.#items("]"));
      case "(":
        return this.#within("(", ")", () => this.#parenthesized());
      case "{":
        return this.#within("{", "}", () => this.#braced());
      default:
        return /[\d.]/.test(character) ? this.#number() : this.#word();
    }
  }

  #within<T>(open: string, close: string, read: () => T): T {
    this.#accept(open);
    this.#brackets += 1;
    this.#skip();
    const value = read();
    this.#skip();
    if (this.#peek() !== close) throw NO_LITERAL;
    this.#at += 1;
    this.#brackets -= 1;
    return value;
  }

  #items(close: string): readonly Value[] {
    const items: Value[] = [];
    while (this.#peek() !== close) {
      items.push(this.#value());
      this.#skip();
      if (!this.#accept(",")) break;
      this.#skip();
    }
    return items;
  }

  #parenthesized(): Value {
    if (this.#peek() === ")") return new Tuple([]);
    const first = this.#value();
    this.#skip();
    return this.#peek() === "," ? this.#tuple(first) : first;
  }

  #braced(): Value {
    if (this.#peek() === "}") return new Dict();
    const first = this.#value();
    this.#skip();
    if (this.#peek() === ":") return new Dict(this.#pairs(first));
    if (!this.#accept(",")) return new PySet([first]);
    this.#skip();
    return new PySet([first, ...this.#items("}")]);
  }

  #pairs(firstKey: Value): readonly (readonly [Value, Value])[] {
    const pairs: (readonly [Value, Value])[] = [];
    let key: Value | undefined = firstKey;
    while (key !== undefined) {
      this.#skip();
      if (!this.#accept(":")) throw NO_LITERAL;
      pairs.push([key, this.#value()]);
      this.#skip();
      key = undefined;
      if (this.#accept(",")) {
        this.#skip();
        if (this.#peek() !== "}") key = this.#value();
      }
    }
    return pairs;
  }

  #number(): Value {
    const text = this.#take(NUMBER);
    if (!/\d/.test(text) || /^[\p{L}\p{N}_.]/u.test(this.#text.slice(this.#at, this.#at + 2))) throw NO_LITERAL;
    if (/^0[xob]/i.test(text)) return parseInteger(text, 0);
    if (/[.e]/i.test(text)) return finite(Number(text.replaceAll("_", "")));
    if (/^0[\d_]*[1-9]/.test(text)) throw NO_LITERAL;
    return parseInteger(text);
  }

  #word(): Value {
    const start = this.#at;
    const name = this.#take(NAME);
    const next = this.#peek();
    if (next === "'" || next === '"') {
      this.#at = start;
      return this.#strings();
    }
    switch (name) {
      case "None":
        return null;
      case "True":
        return true;
      case "False":
        return false;
      case "set":
        return this.#emptySet();
      default:
        throw NO_LITERAL;
    }
  }

  #emptySet(): PySet {
    this.#skip();
    if (!this.#accept("(")) throw NO_LITERAL;
    this.#take(BLANK_LINES);
    if (!this.#accept(")")) throw NO_LITERAL;
    return new PySet([]);
  }

  /** Texts that follow each other are one. */
  #strings(): string {
    let result = "";
    for (;;) {
      const read = stringLiteral(this.#text, this.#at);
      if (read === undefined) throw NO_LITERAL;
      result += read.value;
      this.#at = read.end;
      this.#skip();
      if (!/^[rRuU]?['"]/.test(this.#text.slice(this.#at, this.#at + 2))) return result;
    }
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #accept(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at += 1;
    return true;
  }

  #skip(): void {
    this.#take(this.#brackets > 0 ? BLANK_LINES : BLANKS);
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += text.length;
    return text;
  }
}

/** JSON can't carry what is beyond a double. */
function finite(value: number): Value {
  if (!Number.isFinite(value)) throw NO_LITERAL;
  return float(value);
}
