import { PythonError, valueError } from "#sources/manifest/python/python-error";
import type { Value } from "#sources/manifest/python/value";
import { Access } from "./access.ts";
import type { Evaluate } from "./compile-expression.ts";
import { Output, StatementCompiler } from "./compile-statement.ts";
import { filterNamed } from "./filters.ts";
import { type Evaluation, Frame, nameIn, type TemplateContext } from "./frame.ts";
import { MAX_TEMPLATE_LENGTH } from "./limits.ts";
import { CLOCK_FUNCTIONS, createMacros } from "./macros.ts";
import { parseTemplate } from "./parser.ts";
import { Scope } from "./scope.ts";
import { evaluationError, syntaxError, type TemplateError } from "./template-error.ts";
import { runTest } from "./tests.ts";
import { normalize } from "./token.ts";
import { unknownName } from "./unknown-name.ts";
import { type TemplateEnvironment, type Tools, Work } from "./world.ts";

/** A compiled template as Jinja has it: what it makes is a text. */
export interface Program {
  /** Has it any expression or statement? */
  readonly isDynamic: boolean;
  /** Names that it reads from the context. */
  readonly variables: ReadonlySet<string>;
  readonly readsClock: boolean;
  /** Names that it calls though there is no function of that name, and why that is wrong. */
  readonly unknownFunctions: ReadonlyMap<string, TemplateError>;
  /** Throws PythonErrors. */
  render(context: TemplateContext): string;
  /** The value of a template that is one expression and nothing else, before it becomes a text; else the text. */
  run(context: TemplateContext): Value;
  /** Throws a ValueError if the context lacks a name that the template reads, wherever it does. */
  checkNames(context: TemplateContext): void;
}

/** Throws a TemplateError that says what is wrong, and where. */
export function compileProgram(text: string, environment: TemplateEnvironment): Program {
  if (text.length > MAX_TEMPLATE_LENGTH) {
    throw syntaxError(text, 0, `it has ${text.length} characters, more than the limit of ${MAX_TEMPLATE_LENGTH}.`);
  }
  try {
    return compile(normalize(text), environment);
  } catch (error) {
    throw evaluationError(text, error);
  }
}

function compile(text: string, environment: TemplateEnvironment): Program {
  const statements = parseTemplate(text);
  const compiler = new StatementCompiler(text);
  const scope = new Scope();
  const [only] = statements;
  const expression: Evaluate | undefined =
    statements.length === 1 && only?.kind === "output" ? compiler.compileExpression(only.expression, scope) : undefined;
  const body = compiler.compileBody(statements, scope);
  const globals = createMacros(environment);
  const access = new Access(environment.now);
  const variables = new Set([...scope.reads].filter((name) => !globals.has(name)));
  const begin = (context: TemplateContext) => {
    const evaluation: Evaluation = { context, globals, access, tools: createTools(environment) };
    return new Frame(evaluation);
  };
  const render = (context: TemplateContext) => {
    const output = new Output();
    body(begin(context), output);
    return output.text;
  };
  return {
    isDynamic: statements.some(({ kind }) => kind !== "data"),
    variables,
    unknownFunctions: new Map(
      [...scope.calls]
        .filter(([name]) => !globals.has(name))
        .map(([name, at]) => [name, unknownName(text, at, "function", name, globals.keys())]),
    ),
    readsClock: [...scope.reads].some((name) => CLOCK_FUNCTIONS.has(name)),
    render,
    run: (context) => (expression === undefined ? render(context) : expression(begin(context))),
    checkNames: (context) => {
      for (const name of variables) {
        if (nameIn(context, name) === undefined) {
          const known = Object.keys(context).join(", ");
          throw valueError(`'${name}' is not known where this template stands. There are ${known}.`);
        }
      }
    },
  };
}

function createTools(environment: TemplateEnvironment): Tools {
  const work = new Work();
  const tools: Tools = {
    environment,
    work,
    callFilter: (name, value, args, named) => {
      const filter = filterNamed(name);
      if (filter === undefined) throw new PythonError("ValueError", `No filter named '${name}'.`);
      work.spendOn(value, ...args);
      const result = filter(value, args, named, tools);
      work.spendOn(result);
      return result;
    },
    callTest: (name, value, args, named) => {
      work.spendOn(value, ...args);
      const isPassed = runTest(name, value, args, named);
      if (isPassed === undefined) throw new PythonError("ValueError", `No test named '${name}'.`);
      return isPassed;
    },
  };
  return tools;
}
