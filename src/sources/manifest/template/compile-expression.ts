import { operate, signed } from "#sources/manifest/python/arithmetic";
import { areEqual, isOrdered } from "#sources/manifest/python/compare";
import { Dict, entriesOf, isMapping } from "#sources/manifest/python/dict";
import { allowTextLength } from "#sources/manifest/python/limits";
import { asInteger } from "#sources/manifest/python/number";
import { typeError } from "#sources/manifest/python/python-error";
import { iterate } from "#sources/manifest/python/sequence";
import { str } from "#sources/manifest/python/text";
import { isTrue } from "#sources/manifest/python/truth";
import { type Named, Tuple, Undefined, type Value } from "#sources/manifest/python/value";
import { call, sliceOf } from "./access.ts";
import { contains } from "./contains.ts";
import { filterNames } from "./filters.ts";
import type { Frame } from "./frame.ts";
import type { Scope } from "./scope.ts";
import type { CallArguments, Comparison, Expression } from "./syntax.ts";
import { testNames } from "./tests.ts";
import { unknownName } from "./unknown-name.ts";

export type Evaluate = (frame: Frame) => Value;

/** Turns expressions into functions. Throws a TemplateError at unknown filters and tests. */
export class ExpressionCompiler {
  readonly #text: string;

  /** `text` is the template, for messages. */
  constructor(text: string) {
    this.#text = text;
  }

  compile(expression: Expression, scope: Scope): Evaluate {
    const inner = (part: Expression) => this.compile(part, scope);
    switch (expression.kind) {
      case "constant": {
        const { value } = expression;
        return () => value;
      }
      case "name": {
        const { name } = expression;
        scope.read(name);
        return (frame) => frame.get(name);
      }
      case "tuple": {
        const items = expression.items.map(inner);
        return (frame) => new Tuple(items.map((item) => item(frame)));
      }
      case "list": {
        const items = expression.items.map(inner);
        return (frame) => items.map((item) => item(frame));
      }
      case "dict": {
        const pairs = expression.pairs.map(([key, value]) => [inner(key), inner(value)] as const);
        return (frame) => new Dict(pairs.map(([key, value]) => [key(frame), value(frame)] as const));
      }
      case "not": {
        const operand = inner(expression.operand);
        return (frame) => !isTrue(operand(frame));
      }
      case "and":
      case "or": {
        const left = inner(expression.left);
        const right = inner(expression.right);
        const goesOnIf = expression.kind === "and";
        return (frame) => {
          const value = left(frame);
          return isTrue(value) === goesOnIf ? right(frame) : value;
        };
      }
      case "compare":
        return compileComparison(
          inner(expression.first),
          expression.rest.map(({ comparison, operand }) => ({ comparison, operand: inner(operand) })),
        );
      case "binary": {
        const { operator } = expression;
        const left = inner(expression.left);
        const right = inner(expression.right);
        return (frame) => {
          const a = left(frame);
          const b = right(frame);
          frame.evaluation.tools.work.spendOn(a, b);
          return operate(operator, a, b);
        };
      }
      case "unary": {
        const { operator } = expression;
        const operand = inner(expression.operand);
        return (frame) => signed(operator, operand(frame));
      }
      case "concat":
        return compileConcat(expression.parts.map(inner));
      case "condition": {
        const test = inner(expression.test);
        const then = inner(expression.consequent);
        const otherwise = expression.otherwise === undefined ? noElse : inner(expression.otherwise);
        return (frame) => (isTrue(test(frame)) ? then(frame) : otherwise(frame));
      }
      case "attribute": {
        const { name } = expression;
        const object = inner(expression.object);
        return (frame) => {
          const value = object(frame);
          // What a text or a list has are methods, which go through all of it.
          frame.evaluation.tools.work.spendOn(value);
          return frame.evaluation.access.attribute(value, name);
        };
      }
      case "item": {
        const object = inner(expression.object);
        const key = inner(expression.key);
        return (frame) => {
          const value = object(frame);
          // The characters of a text have to be counted.
          if (typeof value === "string") frame.evaluation.tools.work.spendOn(value);
          return frame.evaluation.access.item(value, key(frame));
        };
      }
      case "slice": {
        const object = inner(expression.object);
        const [start, stop, step] = [expression.start, expression.stop, expression.step].map((bound) =>
          bound === undefined ? undefined : inner(bound),
        );
        return (frame) => {
          const value = object(frame);
          frame.evaluation.tools.work.spendOn(value);
          return sliceOf(value, {
            start: boundOf(start?.(frame)),
            stop: boundOf(stop?.(frame)),
            step: boundOf(step?.(frame)),
          });
        };
      }
      case "call": {
        if (expression.callee.kind === "name") scope.call(expression.callee.name, expression.callee.at);
        const callee = inner(expression.callee);
        const given = this.#arguments(expression.given, scope);
        return (frame) => {
          const called = callee(frame);
          const { args, named } = given(frame);
          const { work } = frame.evaluation.tools;
          work.spendOn(...args);
          const result = call(called, args, named);
          work.spendOn(result);
          return result;
        };
      }
      case "filter":
        return this.compileFilter(
          expression,
          scope,
          expression.operand === undefined ? undefined : inner(expression.operand),
        );
      case "test":
        return this.#test(expression, scope, inner(expression.operand));
    }
  }

  /** A filter of an operand; or, for a block, of the text given for it. */
  compileFilter(
    filter: Expression & { readonly kind: "filter" },
    scope: Scope,
    operand: Evaluate | undefined,
  ): Evaluate {
    const { name } = filter;
    if (!filterNames.has(name)) throw unknownName(this.#text, filter.at, "filter", name, filterNames);
    const given = this.#arguments(filter.given, scope);
    return (frame) => {
      const value = operand?.(frame) ?? null;
      const { args, named } = given(frame);
      const { tools } = frame.evaluation;
      return tools.callFilter(name, value, args, named);
    };
  }

  #test(test: Expression & { readonly kind: "test" }, scope: Scope, operand: Evaluate): Evaluate {
    const { name } = test;
    if (!testNames.has(name)) throw unknownName(this.#text, test.at, "test", name, testNames);
    const given = this.#arguments(test.given, scope);
    return (frame) => {
      const value = operand(frame);
      const { args, named } = given(frame);
      return frame.evaluation.tools.callTest(name, value, args, named);
    };
  }

  #arguments(
    given: CallArguments,
    scope: Scope,
  ): (frame: Frame) => { readonly args: readonly Value[]; readonly named: Named } {
    const positional = given.positional.map((part) => this.compile(part, scope));
    const named = given.named.map(([name, part]) => [name, this.compile(part, scope)] as const);
    const spread = given.spread === undefined ? undefined : this.compile(given.spread, scope);
    const spreadNamed = given.spreadNamed === undefined ? undefined : this.compile(given.spreadNamed, scope);
    return (frame) => {
      const args = positional.map((part) => part(frame));
      if (spread !== undefined) args.push(...iterate(spread(frame)));
      const entries = new Map(named.map(([name, part]) => [name, part(frame)] as const));
      if (spreadNamed !== undefined)
        for (const [key, value] of textEntries(spreadNamed(frame))) entries.set(key, value);
      return { args, named: entries };
    };
  }
}

function textEntries(value: Value): readonly (readonly [string, Value])[] {
  if (!isMapping(value)) throw typeError("argument after ** must be a mapping");
  return entriesOf(value).map(([key, item]) => {
    if (typeof key !== "string") throw typeError("keywords must be strings");
    return [key, item] as const;
  });
}

function noElse(): Value {
  return new Undefined("the inline if-expression evaluated to false and no else section was defined.");
}

function boundOf(value: Value | undefined): number | null {
  if (value === undefined || value === null) return null;
  const whole = asInteger(value);
  if (whole === undefined) throw typeError("slice indices must be integers or None");
  return Number(whole);
}

function compileConcat(parts: readonly Evaluate[]): Evaluate {
  return (frame) => {
    let text = "";
    for (const part of parts) {
      text += str(part(frame));
      allowTextLength(text.length);
    }
    frame.evaluation.tools.work.spendOn(text);
    return text;
  };
}

interface Operand {
  readonly comparison: Comparison;
  readonly operand: Evaluate;
}

/** `a < b < c`: each operand is evaluated once, and none after the first comparison that fails. */
function compileComparison(first: Evaluate, rest: readonly Operand[]): Evaluate {
  return (frame) => {
    let left = first(frame);
    for (const { comparison, operand } of rest) {
      const right = operand(frame);
      frame.evaluation.tools.work.spendOn(left, right);
      if (!compare(comparison, left, right)) return false;
      left = right;
    }
    return true;
  };
}

function compare(comparison: Comparison, left: Value, right: Value): boolean {
  switch (comparison) {
    case "==":
      return areEqual(left, right);
    case "!=":
      return !areEqual(left, right);
    case "in":
      return contains(right, left);
    case "not in":
      return !contains(right, left);
    case "<":
    case "<=":
    case ">":
    case ">=":
      return isOrdered(comparison, left, right);
  }
}
