import { needInteger } from "./number.ts";
import { typeError } from "./python-error.ts";
import { Callable, type Named, typeName, type Value } from "./value.ts";

/** Arguments of a call, by the names of their parameters. */
export class Arguments {
  readonly #name: string;
  readonly #values: ReadonlyMap<string, Value>;

  constructor(name: string, values: ReadonlyMap<string, Value>) {
    this.#name = name;
    this.#values = values;
  }

  has(parameter: string): boolean {
    return this.#values.has(parameter);
  }

  /** Throws a TypeError if it is not given. */
  need(parameter: string): Value {
    const value = this.#values.get(parameter);
    if (value === undefined) throw typeError(`${this.#name}() missing a required argument: '${parameter}'`);
    return value;
  }

  get(parameter: string, fallback: Value): Value {
    return this.#values.get(parameter) ?? (this.#values.has(parameter) ? null : fallback);
  }

  text(parameter: string, fallback?: string): string {
    const value = fallback === undefined ? this.need(parameter) : this.get(parameter, fallback);
    if (typeof value !== "string")
      throw typeError(`${this.#name}() argument '${parameter}' must be str, not ${typeName(value)}`);
    return value;
  }

  /** None is taken as absent. */
  optionalText(parameter: string): string | undefined {
    return this.get(parameter, null) === null ? undefined : this.text(parameter);
  }

  integer(parameter: string, fallback?: number): number {
    const value = fallback === undefined ? this.need(parameter) : this.get(parameter, fallback);
    return needInteger(value, `${this.#name}() argument '${parameter}'`);
  }

  /** None is taken as absent. */
  optionalInteger(parameter: string): number | undefined {
    return this.get(parameter, null) === null ? undefined : this.integer(parameter);
  }
}

/** Matches the arguments of a call to its parameters. Throws a TypeError at too many, and at names that are none. */
export function bind(name: string, parameters: readonly string[], args: readonly Value[], named: Named): Arguments {
  if (args.length > parameters.length) {
    throw typeError(`${name}() takes at most ${parameters.length} arguments (${args.length} given)`);
  }
  const values = new Map<string, Value>();
  for (const [index, parameter] of parameters.entries()) {
    const value = args[index];
    if (value !== undefined) values.set(parameter, value);
  }
  for (const [parameter, value] of named) {
    if (!parameters.includes(parameter)) throw typeError(`${name}() got an unexpected keyword argument '${parameter}'`);
    if (values.has(parameter)) throw typeError(`${name}() got multiple values for argument '${parameter}'`);
    values.set(parameter, value);
  }
  return new Arguments(name, values);
}

/** A function with parameters of these names. */
export function callable(name: string, parameters: readonly string[], run: (given: Arguments) => Value): Callable {
  return new Callable(name, (args, named) => run(bind(name, parameters, args, named)));
}
