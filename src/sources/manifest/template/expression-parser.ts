import { MAX_NESTING } from "./limits.ts";
import type { CallArguments, Comparison, Expression } from "./syntax.ts";
import type { TokenStream } from "./token-stream.ts";

const COMPARISONS: readonly Comparison[] = ["==", "!=", "<", "<=", ">", ">="];
const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["True", true],
  ["false", false],
  ["False", false],
  ["none", null],
  ["None", null],
]);

/** Reads expressions with Jinja's grammar, whose precedence differs from Python's in places. Throws TemplateErrors. */
export class ExpressionParser {
  readonly #tokens: TokenStream;
  #depth = 0;

  constructor(tokens: TokenStream) {
    this.#tokens = tokens;
  }

  /** An expression, or several with commas: a tuple. `ends` are names that end it beside the tag's end. */
  parseTuple(options: { readonly withCondition?: boolean; readonly ends?: readonly string[] } = {}): Expression {
    return this.#tuple(() => this.parse(options.withCondition ?? true), options.ends ?? [], false);
  }

  parse(withCondition = true): Expression {
    this.#depth += 1;
    if (this.#depth > MAX_NESTING) throw this.#tokens.error(`it is nested deeper than ${MAX_NESTING} levels.`);
    const expression = withCondition ? this.#condition() : this.#or();
    this.#depth -= 1;
    return expression;
  }

  /** A filter with what follows it, for `{% filter … %}` and `{% set … | … %}`; the bar before it is optional. */
  parseFilters(isInline: boolean): Expression | undefined {
    let filter: Expression | undefined;
    let isFirst = isInline;
    while (isFirst || this.#accept("|")) {
      isFirst = false;
      filter = this.#filter(filter);
    }
    return filter;
  }

  #accept(operator: string): boolean {
    return this.#tokens.accept("operator", operator);
  }

  #tuple(read: () => Expression, ends: readonly string[], isInParentheses: boolean): Expression {
    const { at } = this.#tokens.current;
    const items: Expression[] = [];
    let isTuple = false;
    for (;;) {
      if (items.length > 0) this.#tokens.expect("operator", ",");
      const isEnd =
        this.#tokens.is("end") || this.#tokens.is("operator", ")") || this.#tokens.is("name", ...ends, "\0");
      if (isEnd) break;
      items.push(read());
      if (!this.#tokens.is("operator", ",")) break;
      isTuple = true;
    }
    const [only] = items;
    if (!isTuple && only !== undefined) return only;
    if (!isTuple && !isInParentheses)
      throw this.#tokens.error(`expected an expression, got ${this.#tokens.described()}.`);
    return { kind: "tuple", items, at };
  }

  #condition(): Expression {
    let expression = this.#or();
    while (this.#tokens.accept("name", "if")) {
      const test = this.#or();
      const otherwise = this.#tokens.accept("name", "else") ? this.parse() : undefined;
      expression = { kind: "condition", test, consequent: expression, otherwise, at: expression.at };
    }
    return expression;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#tokens.accept("name", "or")) left = { kind: "or", left, right: this.#and(), at: left.at };
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#tokens.accept("name", "and")) left = { kind: "and", left, right: this.#not(), at: left.at };
    return left;
  }

  #not(): Expression {
    const { at } = this.#tokens.current;
    let negations = 0;
    while (this.#tokens.accept("name", "not")) negations += 1;
    let expression = this.#compare();
    for (; negations > 0; negations -= 1) expression = { kind: "not", operand: expression, at };
    return expression;
  }

  #compare(): Expression {
    const first = this.#sum();
    const rest = [];
    for (let comparison = this.#comparison(); comparison !== undefined; comparison = this.#comparison()) {
      rest.push({ comparison, operand: this.#sum() });
    }
    return rest.length === 0 ? first : { kind: "compare", first, rest, at: first.at };
  }

  #comparison(): Comparison | undefined {
    const found = COMPARISONS.find((candidate) => this.#accept(candidate));
    if (found !== undefined) return found;
    if (this.#tokens.accept("name", "in")) return "in";
    const next = this.#tokens.ahead(1);
    if (!this.#tokens.is("name", "not") || next.type !== "name" || next.text !== "in") return undefined;
    this.#tokens.next();
    this.#tokens.next();
    return "not in";
  }

  #sum(): Expression {
    return this.#binary(["+", "-"], () => this.#concat());
  }

  #concat(): Expression {
    const first = this.#product();
    const parts = [first];
    while (this.#accept("~")) parts.push(this.#product());
    return parts.length === 1 ? first : { kind: "concat", parts, at: first.at };
  }

  #product(): Expression {
    return this.#binary(["*", "/", "//", "%"], () => this.#power());
  }

  #power(): Expression {
    return this.#binary(["**"], () => this.#unary(true));
  }

  #binary(operators: readonly ("+" | "-" | "*" | "/" | "//" | "%" | "**")[], read: () => Expression): Expression {
    let left = read();
    for (;;) {
      const operator = operators.find((candidate) => this.#accept(candidate));
      if (operator === undefined) return left;
      left = { kind: "binary", operator, left, right: read(), at: left.at };
    }
  }

  #unary(withFilters: boolean): Expression {
    const { at } = this.#tokens.current;
    this.#depth += 1;
    if (this.#depth > MAX_NESTING) throw this.#tokens.error(`it is nested deeper than ${MAX_NESTING} levels.`);
    const operator = this.#accept("-") ? "-" : this.#accept("+") ? "+" : undefined;
    const operand: Expression =
      operator === undefined ? this.#primary() : { kind: "unary", operator, operand: this.#unary(false), at };
    this.#depth -= 1;
    const postfixed = this.#postfix(operand);
    return withFilters ? this.#filtered(postfixed) : postfixed;
  }

  #primary(): Expression {
    const token = this.#tokens.next();
    const { at } = token;
    switch (token.type) {
      case "name": {
        const constant = CONSTANTS.get(token.text);
        return constant === undefined
          ? { kind: "name", name: token.text, at }
          : { kind: "constant", value: constant, at };
      }
      case "number":
        return { kind: "constant", value: token.value, at };
      case "string":
        return { kind: "constant", value: token.value + this.#moreTexts(), at };
      case "operator":
        if (token.text === "(") return this.#parenthesized();
        if (token.text === "[") return { kind: "list", items: this.#until("]", () => this.parse()), at };
        if (token.text === "{") return { kind: "dict", pairs: this.#until("}", () => this.#pair()), at };
        break;
      case "data":
      case "begin":
      case "end":
      case "eof":
        break;
    }
    const shown = token.type === "eof" ? "the end of the template" : `'${token.text}'`;
    throw this.#tokens.error(`expected an expression, got ${shown}.`, at);
  }

  /** Texts that follow each other are one. */
  #moreTexts(): string {
    let result = "";
    for (let { current } = this.#tokens; current.type === "string"; current = this.#tokens.current) {
      result += current.value;
      this.#tokens.next();
    }
    return result;
  }

  #parenthesized(): Expression {
    const inner = this.#tuple(() => this.parse(), [], true);
    this.#tokens.expect("operator", ")");
    return inner;
  }

  /** Items with commas up to a closing bracket; the last comma may stay. */
  #until<T>(close: string, read: () => T): readonly T[] {
    const items: T[] = [];
    while (!this.#tokens.is("operator", close)) {
      if (items.length > 0) this.#tokens.expect("operator", ",");
      if (this.#tokens.is("operator", close)) break;
      items.push(read());
    }
    this.#tokens.expect("operator", close);
    return items;
  }

  #pair(): readonly [Expression, Expression] {
    const key = this.parse();
    this.#tokens.expect("operator", ":");
    return [key, this.parse()];
  }

  #postfix(expression: Expression): Expression {
    let result = expression;
    for (;;) {
      const { at } = this.#tokens.current;
      if (this.#accept(".")) result = this.#dotted(result, at);
      else if (this.#accept("[")) result = this.#subscript(result, at);
      else if (this.#tokens.is("operator", "("))
        result = { kind: "call", callee: result, given: this.#arguments(), at };
      else return result;
    }
  }

  #dotted(object: Expression, at: number): Expression {
    const token = this.#tokens.next();
    if (token.type === "name") return { kind: "attribute", object, name: token.text, at };
    if (token.type === "number" && /^\d+$/.test(token.text)) {
      return { kind: "item", object, key: { kind: "constant", value: token.value, at }, at };
    }
    throw this.#tokens.error("expected a name or a number after the dot.", token.at);
  }

  #subscript(object: Expression, at: number): Expression {
    const start = this.#tokens.is("operator", ":") ? undefined : this.#key();
    if (!this.#accept(":")) {
      this.#tokens.expect("operator", "]");
      if (start === undefined) throw this.#tokens.error("expected an expression between the brackets.", at);
      return { kind: "item", object, key: start, at };
    }
    const bound = () => (this.#tokens.is("operator", ":", "]") ? undefined : this.parse());
    const stop = bound();
    const step = this.#accept(":") ? bound() : undefined;
    this.#tokens.expect("operator", "]");
    return { kind: "slice", object, start, stop, step, at };
  }

  /** One expression, or a tuple without parentheses. */
  #key(): Expression {
    const first = this.parse();
    if (!this.#tokens.is("operator", ",")) return first;
    const items = [first];
    while (this.#accept(",")) items.push(this.parse());
    return { kind: "tuple", items, at: first.at };
  }

  #filtered(expression: Expression): Expression {
    let result = expression;
    for (;;) {
      const { at } = this.#tokens.current;
      if (this.#accept("|")) result = this.#filter(result);
      else if (this.#tokens.accept("name", "is")) result = this.#test(result, at);
      else if (this.#tokens.is("operator", "("))
        result = { kind: "call", callee: result, given: this.#arguments(), at };
      else return result;
    }
  }

  #filter(operand: Expression | undefined): Expression {
    const { at } = this.#tokens.current;
    const name = this.#dottedName();
    const given = this.#tokens.is("operator", "(") ? this.#arguments() : NO_ARGUMENTS;
    return { kind: "filter", name, operand, given, at };
  }

  #dottedName(): string {
    let name = this.#tokens.expectName();
    while (this.#accept(".")) name += `.${this.#tokens.expectName()}`;
    return name;
  }

  #test(operand: Expression, at: number): Expression {
    const isNegated = this.#tokens.accept("name", "not");
    const name = this.#dottedName();
    const test: Expression = { kind: "test", name, operand, given: this.#testArguments(), at };
    return isNegated ? { kind: "not", operand: test, at } : test;
  }

  /** A test may have one argument without parentheses. */
  #testArguments(): CallArguments {
    if (this.#tokens.is("operator", "(")) return this.#arguments();
    const isArgument =
      this.#tokens.is("string") ||
      this.#tokens.is("number") ||
      this.#tokens.is("operator", "[", "{") ||
      this.#tokens.is("name");
    if (!isArgument || this.#tokens.is("name", "else", "or", "and")) return NO_ARGUMENTS;
    if (this.#tokens.is("name", "is")) throw this.#tokens.error("tests can't be chained with 'is'.");
    return { ...NO_ARGUMENTS, positional: [this.#postfix(this.#primary())] };
  }

  #arguments(): CallArguments {
    const { at } = this.#tokens.expect("operator", "(");
    const positional: Expression[] = [];
    const named: (readonly [string, Expression])[] = [];
    let spread: Expression | undefined;
    let spreadNamed: Expression | undefined;
    const ensure = (isValid: boolean) => {
      if (!isValid) throw this.#tokens.error("the arguments of the call are in a wrong order.", at);
    };
    const read = () => {
      if (this.#accept("*")) {
        ensure(spread === undefined && spreadNamed === undefined);
        spread = this.parse();
      } else if (this.#accept("**")) {
        ensure(spreadNamed === undefined);
        spreadNamed = this.parse();
      } else if (this.#isKeyword()) {
        ensure(spreadNamed === undefined);
        const name = this.#tokens.next().text;
        this.#tokens.next();
        named.push([name, this.parse()]);
      } else {
        ensure(spread === undefined && spreadNamed === undefined && named.length === 0);
        positional.push(this.parse());
      }
    };
    this.#until(")", read);
    return { positional, named, spread, spreadNamed };
  }

  #isKeyword(): boolean {
    const next = this.#tokens.ahead(1);
    return this.#tokens.is("name") && next.type === "operator" && next.text === "=";
  }
}

const NO_ARGUMENTS: CallArguments = { positional: [], named: [], spread: undefined, spreadNamed: undefined };
