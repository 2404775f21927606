import { allowTextLength } from "#sources/manifest/python/limits";
import { typeError, valueError } from "#sources/manifest/python/python-error";
import { iterate } from "#sources/manifest/python/sequence";
import { str } from "#sources/manifest/python/text";
import { isTrue } from "#sources/manifest/python/truth";
import type { Value } from "#sources/manifest/python/value";
import { type Evaluate, ExpressionCompiler } from "./compile-expression.ts";
import type { Frame } from "./frame.ts";
import { Loop } from "./loop.ts";
import { Scope } from "./scope.ts";
import type { Expression, Statement, Target } from "./syntax.ts";

/** The text that an evaluation has made so far. */
export class Output {
  #text = "";

  /** Throws a LimitError once it is too long. */
  add(text: string): void {
    allowTextLength(this.#text.length + text.length);
    this.#text += text;
  }

  get text(): string {
    return this.#text;
  }
}

export type Run = (frame: Frame, output: Output) => void;

/** Turns statements into functions. Throws a TemplateError at unknown filters and tests. */
export class StatementCompiler {
  readonly #expressions: ExpressionCompiler;

  /** `text` is the template, for messages. */
  constructor(text: string) {
    this.#expressions = new ExpressionCompiler(text);
  }

  compileBody(body: readonly Statement[], scope: Scope): Run {
    const runs = body.map((statement) => this.#compile(statement, scope));
    return (frame, output) => {
      for (const run of runs) run(frame, output);
    };
  }

  compileExpression(expression: Expression, scope: Scope): Evaluate {
    return this.#expressions.compile(expression, scope);
  }

  #compile(statement: Statement, scope: Scope): Run {
    switch (statement.kind) {
      case "data": {
        const { text } = statement;
        return (_frame, output) => {
          output.add(text);
        };
      }
      case "output": {
        const expression = this.compileExpression(statement.expression, scope);
        return (frame, output) => {
          output.add(str(expression(frame)));
        };
      }
      case "if":
        return this.#if(statement, scope);
      case "for":
        return this.#for(statement, scope);
      case "set": {
        const value = this.compileExpression(statement.value, scope);
        const assign = compileTarget(statement.target, scope);
        return (frame) => {
          assign(frame, value(frame));
        };
      }
      case "set block": {
        const text = this.#block(statement.body, statement.filter, scope);
        const assign = compileTarget(statement.target, scope);
        return (frame) => {
          assign(frame, text(frame));
        };
      }
      case "filter": {
        const text = this.#block(statement.body, statement.filter, scope);
        return (frame, output) => {
          output.add(str(text(frame)));
        };
      }
      case "with":
        return this.#with(statement, scope);
    }
  }

  #if(statement: Statement & { readonly kind: "if" }, scope: Scope): Run {
    const scopes: Scope[] = [];
    const inBranch = (body: readonly Statement[]) => {
      const branch = scope.inner();
      scopes.push(branch);
      return this.compileBody(body, branch);
    };
    const branches = statement.branches.map(({ test, body }) => ({
      test: this.compileExpression(test, scope),
      run: inBranch(body),
    }));
    const otherwise = inBranch(statement.otherwise);
    scope.merge(scopes);
    return (frame, output) => {
      const taken = branches.find(({ test }) => isTrue(test(frame)));
      (taken?.run ?? otherwise)(frame, output);
    };
  }

  #for(statement: Statement & { readonly kind: "for" }, scope: Scope): Run {
    const items = this.compileExpression(statement.items, scope);
    const inner = scope.inner();
    const assign = compileTarget(statement.target, inner);
    const filter = statement.filter === undefined ? undefined : this.compileExpression(statement.filter, inner);
    inner.declare("loop");
    const run = this.compileBody(statement.body, inner);
    const otherwise = this.compileBody(statement.otherwise, scope.inner());
    return (frame, output) => {
      const { work } = frame.evaluation.tools;
      const turn = (item: Value) => {
        work.spend(1);
        const turned = frame.inner();
        assign(turned, item);
        return turned;
      };
      const all = iterate(items(frame));
      work.spendOn(all);
      const taken = filter === undefined ? all : all.filter((item) => isTrue(filter(turn(item))));
      const loop = new Loop(taken);
      for (const [index, item] of taken.entries()) {
        const turned = turn(item);
        loop.moveTo(index);
        turned.set("loop", loop);
        run(turned, output);
      }
      if (taken.length === 0) otherwise(frame.inner(), output);
    };
  }

  #with(statement: Statement & { readonly kind: "with" }, scope: Scope): Run {
    const inner = scope.inner();
    // Each value is evaluated in the scope outside.
    const values = statement.bindings.map(({ value }) => this.compileExpression(value, scope));
    const targets = statement.bindings.map(({ target }) => compileTarget(target, inner));
    const run = this.compileBody(statement.body, inner);
    return (frame, output) => {
      const within = frame.inner();
      const evaluated = values.map((value) => value(frame));
      for (const [index, assign] of targets.entries()) assign(within, evaluated[index] ?? null);
      run(within, output);
    };
  }

  /** The text of a block, filtered. */
  #block(body: readonly Statement[], filter: Expression | undefined, scope: Scope): Evaluate {
    const inner = scope.inner();
    const run = this.compileBody(body, inner);
    const text: Evaluate = (frame) => {
      const output = new Output();
      run(frame.inner(), output);
      return output.text;
    };
    return filter === undefined ? text : this.#chain(filter, inner, text);
  }

  #chain(filter: Expression, scope: Scope, text: Evaluate): Evaluate {
    if (filter.kind !== "filter") return text;
    const operand = filter.operand === undefined ? text : this.#chain(filter.operand, scope, text);
    return this.#expressions.compileFilter(filter, scope, operand);
  }
}

type Assign = (frame: Frame, value: Value) => void;

function compileTarget(target: Target, scope: Scope): Assign {
  switch (target.kind) {
    case "name": {
      const { name } = target;
      scope.declare(name);
      return (frame, value) => {
        frame.set(name, value);
      };
    }
    case "attribute": {
      const { namespace, name } = target;
      scope.read(namespace);
      return (frame, value) => {
        frame.setAttribute(namespace, name, value);
      };
    }
    case "several":
      return unpack(target.targets.map((part) => compileTarget(part, scope)));
  }
}

function unpack(targets: readonly Assign[]): Assign {
  return (frame, value) => {
    if (value === null) throw typeError("cannot unpack non-iterable NoneType object");
    const items = iterate(value);
    if (items.length !== targets.length) {
      throw valueError(`${items.length} values can't be given to ${targets.length} names`);
    }
    for (const [index, assign] of targets.entries()) assign(frame, items[index] ?? null);
  };
}
