import { ExpressionParser } from "./expression-parser.ts";
import { MAX_NESTING } from "./limits.ts";
import type { Statement, Target } from "./syntax.ts";
import { tokenize } from "./token.ts";
import { TokenStream } from "./token-stream.ts";

const STATEMENTS = "if, for, set, with and filter";

/** Parses a normalized template. Throws a TemplateError that says what was expected, and where. */
export function parseTemplate(text: string): readonly Statement[] {
  const tokens = new TokenStream(text, tokenize(text));
  const body = new TemplateParser(tokens).body([]);
  return body;
}

class TemplateParser {
  readonly #tokens: TokenStream;
  readonly #expressions: ExpressionParser;
  #depth = 0;

  constructor(tokens: TokenStream) {
    this.#tokens = tokens;
    this.#expressions = new ExpressionParser(tokens);
  }

  /** Statements up to a tag of one of these names, whose `{%` has been read; or to the end of the template. */
  body(ends: readonly string[]): readonly Statement[] {
    const statements: Statement[] = [];
    while (!this.#tokens.is("eof")) {
      const token = this.#tokens.next();
      if (token.type === "data") {
        statements.push({ kind: "data", text: token.text });
      } else if (token.text === "{{") {
        statements.push({ kind: "output", expression: this.#expressions.parseTuple() });
        this.#tokens.expect("end", "}}");
      } else {
        if (ends.length > 0 && this.#tokens.is("name", ...ends)) return statements;
        statements.push(this.#statement());
        this.#tokens.expect("end", "%}");
      }
    }
    if (ends.length > 0) throw this.#tokens.error(`expected {% ${ends.join(" %} or {% ")} %}.`);
    return statements;
  }

  #statement(): Statement {
    this.#depth += 1;
    if (this.#depth > MAX_NESTING) throw this.#tokens.error(`it is nested deeper than ${MAX_NESTING} levels.`);
    const statement = this.#read();
    this.#depth -= 1;
    return statement;
  }

  #read(): Statement {
    const { at } = this.#tokens.current;
    const name = this.#tokens.expectName();
    switch (name) {
      case "if":
        return this.#if();
      case "for":
        return this.#for();
      case "set":
        return this.#set();
      case "with":
        return this.#with();
      case "filter": {
        const filter = this.#expressions.parseFilters(true);
        if (filter === undefined) throw this.#tokens.error("expected a filter.");
        return { kind: "filter", filter, body: this.#block("endfilter") };
      }
      default:
        throw this.#tokens.error(`{% ${name} %} is not known here: there are ${STATEMENTS}.`, at);
    }
  }

  /** The body of a statement whose own tag is at its end; the closing tag's name is read. */
  #block(end: string): readonly Statement[] {
    this.#openBody();
    const body = this.body([end]);
    this.#tokens.expectName();
    return body;
  }

  #openBody(): void {
    this.#tokens.accept("operator", ":");
    this.#tokens.expect("end", "%}");
  }

  #if(): Statement {
    const branches = [];
    for (;;) {
      const test = this.#expressions.parseTuple({ withCondition: false });
      this.#openBody();
      branches.push({ test, body: this.body(["elif", "else", "endif"]) });
      const end = this.#tokens.expectName();
      if (end === "endif") return { kind: "if", branches, otherwise: [] };
      if (end === "else") return { kind: "if", branches, otherwise: this.#block("endif") };
    }
  }

  #for(): Statement {
    const target = this.#targets(["in"]);
    this.#tokens.expect("name", "in");
    const items = this.#expressions.parseTuple({ withCondition: false, ends: ["recursive"] });
    const filter = this.#tokens.accept("name", "if") ? this.#expressions.parse() : undefined;
    if (this.#tokens.is("name", "recursive")) throw this.#tokens.error("recursive loops are not supported.");
    this.#openBody();
    const body = this.body(["endfor", "else"]);
    const otherwise = this.#tokens.expectName() === "else" ? this.#block("endfor") : [];
    return { kind: "for", target, items, filter, body, otherwise };
  }

  #set(): Statement {
    const target = this.#targets([]);
    if (this.#tokens.accept("operator", "=")) return { kind: "set", target, value: this.#expressions.parseTuple() };
    const filter = this.#expressions.parseFilters(false);
    return { kind: "set block", target, filter, body: this.#block("endset") };
  }

  #with(): Statement {
    const bindings = [];
    while (!this.#tokens.is("end") && !this.#tokens.is("operator", ":")) {
      if (bindings.length > 0) this.#tokens.expect("operator", ",");
      const target = this.#target();
      this.#tokens.expect("operator", "=");
      bindings.push({ target, value: this.#expressions.parse() });
    }
    return { kind: "with", bindings, body: this.#block("endwith") };
  }

  #targets(ends: readonly string[]): Target {
    const targets = [this.#target()];
    let isSeveral = false;
    while (this.#tokens.accept("operator", ",")) {
      isSeveral = true;
      if (this.#tokens.is("name", ...ends, "\0") || this.#tokens.is("operator", "=")) break;
      targets.push(this.#target());
    }
    const [only] = targets;
    return !isSeveral && only !== undefined ? only : { kind: "several", targets };
  }

  #target(): Target {
    if (this.#tokens.accept("operator", "(")) {
      const inner = this.#targets([]);
      this.#tokens.expect("operator", ")");
      return inner;
    }
    const { at } = this.#tokens.current;
    const name = this.#tokens.expectName();
    if (["true", "false", "none", "True", "False", "None"].includes(name)) {
      throw this.#tokens.error(`can't assign to ${name}.`, at);
    }
    if (!this.#tokens.accept("operator", ".")) return { kind: "name", name };
    return { kind: "attribute", namespace: name, name: this.#tokens.expectName() };
  }
}
