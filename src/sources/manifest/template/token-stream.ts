import { syntaxError } from "./template-error.ts";
import type { Token } from "./token.ts";

/** The tokens of a template, one after the other. */
export class TokenStream {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  get current(): Token {
    return this.ahead(0);
  }

  ahead(count: number): Token {
    return this.#tokens[this.#position + count] ?? { type: "eof", text: "", at: this.#text.length };
  }

  next(): Token {
    const token = this.current;
    this.#position += 1;
    return token;
  }

  is(type: Token["type"], ...texts: readonly string[]): boolean {
    const { current } = this;
    return current.type === type && (texts.length === 0 || texts.includes(current.text));
  }

  accept(type: Token["type"], text: string): boolean {
    const isThere = this.is(type, text);
    if (isThere) this.#position += 1;
    return isThere;
  }

  expect(type: Token["type"], text: string): Token {
    if (!this.is(type, text)) throw this.error(`expected ${text}, got ${this.described()}.`);
    return this.next();
  }

  expectName(): string {
    if (!this.is("name")) throw this.error(`expected a name, got ${this.described()}.`);
    return this.next().text;
  }

  described(): string {
    const { type, text } = this.current;
    return type === "eof" ? "the end of the template" : type === "data" ? "text" : `'${text}'`;
  }

  error(problem: string, at = this.current.at): Error {
    return syntaxError(this.#text, at, problem);
  }
}
