import { parseInteger } from "#sources/manifest/python/number-text";
import { unescape } from "#sources/manifest/python/string-literal";
import { float, type Value } from "#sources/manifest/python/value";
import { syntaxError } from "./template-error.ts";

/** A piece of a template. `at` is its offset in the template's normalized text. */
export type Token =
  | { readonly type: "data"; readonly text: string; readonly at: number }
  | { readonly type: "name"; readonly text: string; readonly at: number }
  | { readonly type: "operator"; readonly text: string; readonly at: number }
  | { readonly type: "string"; readonly text: string; readonly value: string; readonly at: number }
  | { readonly type: "number"; readonly text: string; readonly value: Value; readonly at: number }
  | { readonly type: "begin" | "end"; readonly text: "{{" | "{%" | "}}" | "%}"; readonly at: number }
  | { readonly type: "eof"; readonly text: ""; readonly at: number };

/** With `\n` for every line's end and without the last one, as Jinja reads templates. */
export function normalize(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n").replace(/\n$/, "");
}

const TAG = /\{(?:%([-+]?)(?:\s*raw\s*(-?)%\})?|\{([-+]?)|#([-+]?))/g;
const END_OF_RAW = /\{%([-+]?)\s*endraw\s*([-+]?)%\}/g;
const END_OF_COMMENT = /([-+]?)#\}/g;

/** Splits a normalized template. Throws a TemplateError. */
export function tokenize(text: string): readonly Token[] {
  return new Lexer(text).run();
}

const CLOSERS: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

const SPACE = /\s+/y;
const FLOAT = /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const INTEGER = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const NAME = /[\p{L}\p{N}\p{M}_]+/uy;
const IDENTIFIER = /^[\p{XID_Start}_]\p{XID_Continue}*$/u;
const STRING = /'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*"/sy;
const OPERATOR = /\/\/|\*\*|[=!<>]=|[-+/*%~[\](){}><=.:|,;]/y;

class Lexer {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): readonly Token[] {
    while (this.#at < this.#text.length) this.#piece();
    this.#tokens.push({ type: "eof", text: "", at: this.#text.length });
    return this.#tokens;
  }

  #piece(): void {
    TAG.lastIndex = this.#at;
    const tag = TAG.exec(this.#text);
    if (tag === null) {
      this.#data(this.#text.length, false);
      this.#at = this.#text.length;
      return;
    }
    const [opening, blockSign, rawSign, variableSign, commentSign] = tag;
    const sign = blockSign ?? variableSign ?? commentSign;
    this.#data(tag.index, sign === "-");
    this.#at = tag.index + opening.length;
    if (rawSign !== undefined) this.#raw(rawSign === "-");
    else if (commentSign !== undefined) this.#comment();
    else this.#tag(tag.index, blockSign === undefined ? "{{" : "{%");
  }

  #data(end: number, isStripped: boolean): void {
    const text = this.#text.slice(this.#at, end);
    const shown = isStripped ? text.trimEnd() : text;
    if (shown !== "") this.#tokens.push({ type: "data", text: shown, at: this.#at });
  }

  #skipSpace(): void {
    this.#take(SPACE);
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const taken = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += taken.length;
    return taken;
  }

  #raw(isStripped: boolean): void {
    const opened = this.#at;
    if (isStripped) this.#skipSpace();
    END_OF_RAW.lastIndex = this.#at;
    const end = END_OF_RAW.exec(this.#text);
    if (end === null) throw syntaxError(this.#text, opened, "{% raw %} has no {% endraw %}.");
    this.#data(end.index, end[1] === "-");
    this.#at = end.index + end[0].length;
    if (end[2] === "-") this.#skipSpace();
  }

  #comment(): void {
    END_OF_COMMENT.lastIndex = this.#at;
    const end = END_OF_COMMENT.exec(this.#text);
    if (end === null) throw syntaxError(this.#text, this.#at, "the comment has no end: expected #}.");
    this.#at = end.index + end[0].length;
    if (end[1] === "-") this.#skipSpace();
  }

  #tag(at: number, opening: "{{" | "{%"): void {
    const closing = opening === "{{" ? "}}" : "%}";
    const closers: string[] = [];
    this.#tokens.push({ type: "begin", text: opening, at });
    for (;;) {
      this.#skipSpace();
      if (closers.length === 0 && this.#closes(closing)) return;
      this.#token(closers, closing);
    }
  }

  #closes(closing: "}}" | "%}"): boolean {
    const start = this.#at;
    const sign = this.#text.charAt(start);
    const signed = sign === "-" || (sign === "+" && closing === "%}") ? start + 1 : start;
    if (!this.#text.startsWith(closing, signed)) return false;
    this.#tokens.push({ type: "end", text: closing, at: start });
    this.#at = signed + closing.length;
    if (sign === "-") this.#skipSpace();
    return true;
  }

  #token(closers: string[], closing: string): void {
    const at = this.#at;
    if (at >= this.#text.length)
      throw syntaxError(this.#text, at, `the tag has no end: expected ${closers.at(-1) ?? closing}.`);
    const decimal = this.#take(FLOAT);
    if (decimal !== "") return this.#add("number", at, decimal, float(Number(decimal.replaceAll("_", ""))));
    const whole = this.#take(INTEGER);
    if (whole !== "") return this.#add("number", at, whole, parseInteger(whole, /^0[xob]/i.test(whole) ? 0 : 10));
    const name = this.#take(NAME);
    if (name !== "") return this.#name(at, name);
    const quoted = this.#take(STRING);
    if (quoted !== "") return this.#string(at, quoted);
    const operator = this.#take(OPERATOR);
    if (operator === "")
      throw syntaxError(this.#text, at, `unexpected character ${JSON.stringify(this.#text.charAt(at))}.`);
    this.#balance(operator, at, closers);
    this.#tokens.push({ type: "operator", text: operator, at });
  }

  #add(type: "number", at: number, text: string, value: Value): void {
    this.#tokens.push({ type, text, value, at });
  }

  #name(at: number, text: string): void {
    if (!IDENTIFIER.test(text)) throw syntaxError(this.#text, at, `'${text}' is no name.`);
    this.#tokens.push({ type: "name", text, at });
  }

  #string(at: number, text: string): void {
    const value = unescape(text.slice(1, -1));
    if (value === undefined)
      throw syntaxError(this.#text, at, "the text has an escape that is incomplete or not supported.");
    this.#tokens.push({ type: "string", text, value, at });
  }

  #balance(operator: string, at: number, closers: string[]): void {
    const closer = CLOSERS[operator];
    if (closer !== undefined) {
      closers.push(closer);
    } else if (operator === ")" || operator === "]" || operator === "}") {
      const expected = closers.pop();
      if (expected === operator) return;
      const hint = expected === undefined ? "nothing is open." : `expected '${expected}'.`;
      throw syntaxError(this.#text, at, `unexpected '${operator}', ${hint}`);
    }
  }
}
