import { parseLiteral } from "#sources/manifest/python/literal";
import { asDouble, asInteger, isFloat } from "#sources/manifest/python/number";
import { PythonError, valueError } from "#sources/manifest/python/python-error";
import { str } from "#sources/manifest/python/text";
import { PyFloat, Tuple, Undefined, type Value } from "#sources/manifest/python/value";
import { isMapping } from "#sources/manifest/python/dict";
import type { TemplateContext } from "./frame.ts";
import { isPureJson, toJson } from "./json-value.ts";
import { compileProgram, type Program } from "./program.ts";
import { evaluationError, type TemplateError } from "./template-error.ts";
import type { TemplateEnvironment } from "./world.ts";

export type { TemplateContext } from "./frame.ts";
export { TemplateError } from "./template-error.ts";

/** A Python type that a template's value may have to be of; `bool` is an `int` too. */
export type ValueType = "bool" | "dict" | "float" | "int" | "list" | "str" | "tuple";

export interface EvaluationOptions {
  /**
   * The template that is evaluated instead where the text is empty, or where something undefined was used. Null stands
   * for None. Without it an empty text stays one, and the use of something undefined is an error.
   */
  readonly default?: string | null;
  /** Where the text reads as a literal of another type, it stays a text. */
  readonly validTypes?: readonly ValueType[] | undefined;
}

/** A compiled template with expressions, as low-code manifests have them. */
export interface Template {
  readonly text: string;
  /** Has it any expression? A template without is a constant. */
  readonly isDynamic: boolean;
  /** Names of the context's variables that it reads at top level, such as "config" or "stream_slice". */
  readonly variables: ReadonlySet<string>;
  /** Does its value depend on the current time? */
  readonly readsClock: boolean;
  /**
   * Names that it calls though there is no function of that name, and what is to be said of each. One that its context
   * has can't be called either, but such a template is its own value.
   */
  readonly unknownFunctions: ReadonlyMap<string, TemplateError>;
  /**
   * The value, as JSON has it: what the template renders is read as a Python literal where it is one, so that "[1, 2]"
   * is a list and "1,2" too. Numbers that a double can't hold are raw JSON values. A template in which Python would
   * raise a TypeError is its own value, as in the Airbyte CDK. Throws a TemplateError.
   */
  evaluate(context: TemplateContext, options?: EvaluationOptions): unknown;
  /** The same value as text, as Python's `str` shows it: "True", "None", "['a']". Throws a TemplateError. */
  render(context: TemplateContext, options?: EvaluationOptions): string;
}

/** Once interpolated, now refused by the Airbyte CDK; the message tells what to use. */
const RETIRED = "stream_state";

/** Throws a TemplateError that says what is wrong and where; for an unknown filter or test also which ones there are. */
export function compileTemplate(text: string, environment: TemplateEnvironment): Template {
  const source = compileSource(text, environment);
  const { isDynamic, variables, readsClock, unknownFunctions } = source.program;
  const defaults = new Map<string, Source>();
  const defaultSource = (fallback: string) => {
    const found = defaults.get(fallback) ?? compileSource(fallback, environment);
    defaults.set(fallback, found);
    return found;
  };
  const compute = (context: TemplateContext, options: EvaluationOptions): Value => {
    const { default: fallback, validTypes } = options;
    const result = ownResult(source, context, fallback !== undefined);
    if (!isEmpty(result)) return literal(result, validTypes);
    if (fallback === null) return null;
    return fallback === undefined ? "" : literal(resultOf(defaultSource(fallback), context), validTypes);
  };
  // What has no expression is the same in every context.
  const rendered = isDynamic ? "" : source.program.render({});
  const constant = rendered === "" ? undefined : literalOf(rendered);
  const valueIn = (context: TemplateContext, options: EvaluationOptions) => {
    if (constant === undefined || source.isRetired) return compute(context, options);
    return isOf(constant.value, options.validTypes) ? constant.value : rendered;
  };
  return {
    text,
    isDynamic,
    variables,
    readsClock,
    unknownFunctions,
    evaluate: (context, options = {}) => guarded(text, () => toJson(valueIn(context, options))),
    render: (context, options = {}) => guarded(text, () => str(valueIn(context, options))),
  };
}

/** A template, or the default of one. */
interface Source {
  readonly text: string;
  readonly program: Program;
  readonly isRetired: boolean;
}

function compileSource(text: string, environment: TemplateEnvironment): Source {
  return { text, program: compileProgram(text, environment), isRetired: text.includes(RETIRED) };
}

function guarded<T>(text: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw evaluationError(text, error);
  }
}

/** With a default, the use of something undefined gives nothing; without, it is an error. */
function ownResult(source: Source, context: TemplateContext, hasDefault: boolean): Value {
  try {
    return resultOf(source, context);
  } catch (error) {
    if (hasDefault && error instanceof PythonError && error.kind === "UndefinedError") return "";
    throw error;
  }
}

/** What the template renders; a single expression's value is not made a text yet. */
function resultOf({ text, program, isRetired }: Source, context: TemplateContext): Value {
  if (isRetired) {
    throw valueError(`${RETIRED} is no longer available to templates: use stream_interval instead.`);
  }
  program.checkNames(context);
  try {
    return program.run(context);
  } catch (error) {
    // The Airbyte CDK takes what raises a TypeError for a text that was never meant as a template.
    if (error instanceof PythonError && error.kind === "TypeError") return text;
    throw error;
  }
}

function isEmpty(result: Value): boolean {
  return result === "" || result instanceof Undefined;
}

/** The value that the result's text denotes in Python. */
function literal(result: Value, validTypes: readonly ValueType[] | undefined): Value {
  if (typeof result !== "string" && isOwnLiteral(result)) return isOf(result, validTypes) ? result : str(result);
  const text = str(result);
  const { value } = literalOf(text);
  return isOf(value, validTypes) ? value : text;
}

function literalOf(text: string): { readonly value: Value } {
  return parseLiteral(text) ?? { value: text };
}

/** Would a value survive being written and read again? */
function isOwnLiteral(value: Value): boolean {
  return typeof value === "bigint" || value instanceof PyFloat
    ? Number.isFinite(Number(asDouble(value)))
    : isPureJson(value);
}

function isOf(value: Value, types: readonly ValueType[] | undefined): boolean {
  return types === undefined || types.length === 0 || types.some((type) => isOfType(value, type));
}

function isOfType(value: Value, type: ValueType): boolean {
  switch (type) {
    case "bool":
      return typeof value === "boolean";
    case "dict":
      return isMapping(value);
    case "float":
      return isFloat(value);
    case "int":
      return asInteger(value) !== undefined;
    case "list":
      return Array.isArray(value);
    case "str":
      return typeof value === "string";
    case "tuple":
      return value instanceof Tuple;
  }
}
