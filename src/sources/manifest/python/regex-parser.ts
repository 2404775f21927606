import { MAX_DEPTH } from "./limits.ts";
import { valueError } from "./python-error.ts";
import { classEscape, isWord, literal, range } from "./regex-class.ts";
import type { RegexFlags, RegexNode, RegexTree } from "./regex-syntax.ts";

const NO_FLAGS: RegexFlags = { ignoresCase: false, isMultiline: false, dotTakesAll: false, isAscii: false };
const FLAG_NAMES: Readonly<Record<string, keyof RegexFlags | "none">> = {
  i: "ignoresCase",
  m: "isMultiline",
  s: "dotTakesAll",
  a: "isAscii",
  u: "none",
};
const ESCAPES: Readonly<Record<string, string>> = { a: "\u0007", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };
/** As CPython's: more groups or repetitions than that are a mistake. */
const MAX_REPEAT = 65_535;

/** Parses a regular expression of Python's `re`. Throws a ValueError that names the place. */
export function parseRegex(source: string): RegexTree {
  return new RegexParser(source).parse();
}

class RegexParser {
  readonly #source: readonly string[];
  #at = 0;
  #groups = 0;
  #depth = 0;
  #flags = NO_FLAGS;
  readonly #names = new Map<string, number>();

  constructor(source: string) {
    this.#source = Array.from(source);
  }

  parse(): RegexTree {
    const global = /^\(\?([a-zA-Z]+)\)/.exec(this.#source.join(""));
    if (global !== null) {
      this.#flags = this.#withFlags(global[1] ?? "");
      this.#at = global[0].length;
    }
    const node = this.#choice();
    if (this.#at < this.#source.length) throw this.#error("unbalanced parenthesis");
    return { node, groups: this.#groups, names: this.#names };
  }

  #error(message: string): Error {
    return valueError(`The regular expression '${this.#source.join("")}' is wrong at position ${this.#at}: ${message}`);
  }

  #withFlags(letters: string): RegexFlags {
    let flags = this.#flags;
    for (const letter of letters) {
      const name = FLAG_NAMES[letter];
      if (name === undefined) throw this.#error(`the flag '${letter}' is not supported`);
      if (name !== "none") flags = { ...flags, [name]: true };
    }
    return flags;
  }

  #peek(): string {
    return this.#source[this.#at] ?? "";
  }

  #next(): string {
    const character = this.#peek();
    this.#at += 1;
    return character;
  }

  #accept(text: string): boolean {
    if (this.#source.slice(this.#at, this.#at + text.length).join("") !== text) return false;
    this.#at += text.length;
    return true;
  }

  #until(end: string): string {
    const stop = this.#source.indexOf(end, this.#at);
    if (stop === -1) throw this.#error(`missing ${end}`);
    const text = this.#source.slice(this.#at, stop).join("");
    this.#at = stop + 1;
    return text;
  }

  #choice(): RegexNode {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw this.#error(`it is nested deeper than ${MAX_DEPTH} levels`);
    const nodes = [this.#sequence()];
    while (this.#accept("|")) nodes.push(this.#sequence());
    this.#depth -= 1;
    const [only] = nodes;
    return nodes.length === 1 && only !== undefined ? only : { kind: "choice", nodes };
  }

  #sequence(): RegexNode {
    const nodes: RegexNode[] = [];
    while (this.#at < this.#source.length && this.#peek() !== "|" && this.#peek() !== ")") {
      if (this.#quantifier() !== undefined) throw this.#error("nothing to repeat");
      const node = this.#atom();
      if (node !== undefined) nodes.push(this.#repeated(node));
    }
    return { kind: "sequence", nodes };
  }

  #repeated(node: RegexNode): RegexNode {
    const bounds = this.#quantifier();
    if (bounds === undefined) return node;
    if (node.kind === "assertion") throw this.#error("nothing to repeat");
    const mode = this.#accept("?") ? "lazy" : this.#accept("+") ? "possessive" : "greedy";
    if (this.#quantifier() !== undefined) throw this.#error("multiple repeat");
    return { kind: "repeat", node, ...bounds, mode };
  }

  #quantifier(): { readonly min: number; readonly max: number } | undefined {
    if (this.#accept("*")) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.#accept("+")) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.#accept("?")) return { min: 0, max: 1 };
    const braces = /^\{(\d*)(,?)(\d*)\}/.exec(this.#source.slice(this.#at, this.#at + 20).join(""));
    if (braces === null || braces[0] === "{}") return undefined;
    const [whole, low = "", comma = "", high = ""] = braces;
    this.#at += whole.length;
    const min = Number(low);
    const max = comma === "" ? min : high === "" ? Number.POSITIVE_INFINITY : Number(high);
    if (min > max) throw this.#error("min repeat greater than max repeat");
    if (min > MAX_REPEAT || (Number.isFinite(max) && max > MAX_REPEAT))
      throw this.#error("the repetition is too large");
    return { min, max };
  }

  #atom(): RegexNode | undefined {
    const flags = this.#flags;
    const character = this.#next();
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return { kind: "character", accepts: this.#class() };
      case "\\":
        return this.#escape();
      case ".":
        return { kind: "character", accepts: flags.dotTakesAll ? () => true : (candidate) => candidate !== "\n" };
      case "^":
        return {
          kind: "assertion",
          holds: (text, at) => at === 0 || (flags.isMultiline && text[at - 1] === "\n"),
        };
      case "$":
        return { kind: "assertion", holds: endOf(flags.isMultiline) };
      default:
        return { kind: "character", accepts: literal(character, flags) };
    }
  }

  #group(): RegexNode | undefined {
    const outer = this.#flags;
    if (!this.#accept("?")) return this.#captured(outer);
    if (this.#accept("#")) {
      this.#until(")");
      return undefined;
    }
    if (this.#accept("P<")) return this.#named(outer);
    if (this.#accept("P=")) return this.#reference(this.#names.get(this.#until(")")));
    if (this.#accept(":")) return this.#closed(this.#choice(), outer);
    if (this.#accept(">")) return { kind: "atomic", node: this.#closed(this.#choice(), outer) };
    for (const [mark, isBehind, isNegative] of [
      ["<=", true, false],
      ["<!", true, true],
      ["=", false, false],
      ["!", false, true],
    ] as const) {
      if (this.#accept(mark)) return { kind: "look", isBehind, isNegative, node: this.#closed(this.#choice(), outer) };
    }
    return this.#flagged(outer);
  }

  #named(outer: RegexFlags): RegexNode {
    const name = this.#until(">");
    if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) throw this.#error(`bad character in group name '${name}'`);
    if (this.#names.has(name)) throw this.#error(`redefinition of group name '${name}'`);
    this.#names.set(name, this.#groups + 1);
    return this.#captured(outer);
  }

  #captured(outer: RegexFlags): RegexNode {
    this.#groups += 1;
    const index = this.#groups;
    return { kind: "group", index, node: this.#closed(this.#choice(), outer) };
  }

  #flagged(outer: RegexFlags): RegexNode {
    const match = /^([a-z]*)(?:-([a-z]+))?:/.exec(this.#source.slice(this.#at, this.#at + 20).join(""));
    if (match === null) throw this.#error("unknown extension");
    this.#at += match[0].length;
    this.#flags = this.#withFlags(match[1] ?? "");
    for (const letter of match[2] ?? "") {
      const name = FLAG_NAMES[letter];
      if (name === undefined || name === "none") throw this.#error(`the flag '${letter}' can't be turned off`);
      this.#flags = { ...this.#flags, [name]: false };
    }
    return this.#closed(this.#choice(), outer);
  }

  #closed(node: RegexNode, outer: RegexFlags): RegexNode {
    if (!this.#accept(")")) throw this.#error("missing ), unterminated subpattern");
    this.#flags = outer;
    return node;
  }

  #reference(index: number | undefined): RegexNode {
    if (index === undefined || index > this.#groups) throw this.#error("unknown group");
    return { kind: "reference", index, ignoresCase: this.#flags.ignoresCase };
  }

  #escape(): RegexNode {
    const { isAscii } = this.#flags;
    const letter = this.#peek();
    const accepts = classEscape(letter, this.#flags);
    if (accepts !== undefined) {
      this.#at += 1;
      return { kind: "character", accepts };
    }
    const boundary = (text: readonly string[], at: number) =>
      isWord(text[at - 1], isAscii) !== isWord(text[at], isAscii);
    switch (letter) {
      case "A":
        this.#at += 1;
        return { kind: "assertion", holds: (_text, at) => at === 0 };
      case "Z":
        this.#at += 1;
        return { kind: "assertion", holds: (text, at) => at === text.length };
      case "b":
        this.#at += 1;
        return { kind: "assertion", holds: boundary };
      case "B":
        this.#at += 1;
        return { kind: "assertion", holds: (text, at) => text.length > 0 && !boundary(text, at) };
      default:
        return this.#numberedOrCharacter(letter);
    }
  }

  #numberedOrCharacter(letter: string): RegexNode {
    const digits = /^[1-9]\d?/.exec(this.#source.slice(this.#at, this.#at + 2).join(""))?.[0];
    const isOctal = /^[0-3][0-7][0-7]/.test(this.#source.slice(this.#at, this.#at + 3).join(""));
    if (digits !== undefined && !isOctal && letter !== "0") {
      this.#at += digits.length;
      return this.#reference(Number(digits));
    }
    return { kind: "character", accepts: literal(this.#escapedCharacter(), this.#flags) };
  }

  /** A character given by its escape, after the backslash. */
  #escapedCharacter(): string {
    const rest = this.#source.slice(this.#at, this.#at + 9).join("");
    const numbered = /^(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(0[0-7]{0,2}|[0-3][0-7]{2}))/.exec(rest);
    if (numbered !== null) {
      this.#at += numbered[0].length;
      const [, two, four, eight, octal] = numbered;
      const code = octal === undefined ? Number.parseInt(two ?? four ?? eight ?? "", 16) : Number.parseInt(octal, 8);
      if (code > 0x10_ff_ff) throw this.#error("bad escape");
      return String.fromCodePoint(code);
    }
    const letter = this.#next();
    if (letter === "") throw this.#error("bad escape (end of pattern)");
    const named = ESCAPES[letter];
    if (named === undefined && /[a-zA-Z\d]/.test(letter)) throw this.#error(`bad escape \\${letter}`);
    return named ?? letter;
  }

  #class(): (character: string) => boolean {
    const isNegative = this.#accept("^");
    const members: ((character: string) => boolean)[] = [];
    let isFirst = true;
    while (isFirst || this.#peek() !== "]") {
      if (this.#at >= this.#source.length) throw this.#error("unterminated character set");
      isFirst = false;
      members.push(this.#member());
    }
    this.#at += 1;
    return (character) => members.some((accepts) => accepts(character)) !== isNegative;
  }

  #member(): (character: string) => boolean {
    const from = this.#memberCharacter();
    if (typeof from !== "string") return from;
    const isRange = this.#peek() === "-" && this.#source[this.#at + 1] !== "]" && this.#at + 1 < this.#source.length;
    if (!isRange) return literal(from, this.#flags);
    this.#at += 1;
    const to = this.#memberCharacter();
    if (typeof to !== "string" || (from.codePointAt(0) ?? 0) > (to.codePointAt(0) ?? 0)) {
      throw this.#error("bad character range");
    }
    return range(from, to, this.#flags);
  }

  #memberCharacter(): string | ((character: string) => boolean) {
    const character = this.#next();
    if (character !== "\\") return character;
    const accepts = classEscape(this.#peek(), this.#flags);
    if (accepts !== undefined) {
      this.#at += 1;
      return accepts;
    }
    return this.#accept("b") ? "\b" : this.#escapedCharacter();
  }
}

/** The end of the text, or of a line; a last newline may follow. */
function endOf(isMultiline: boolean): (text: readonly string[], at: number) => boolean {
  return (text, at) => at === text.length || (text[at] === "\n" && (isMultiline || at === text.length - 1));
}
