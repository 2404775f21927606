import { typeError } from "./python-error.ts";

/**
 * A Python value. Integers are numbers, or bigints where a double can't hold them; a number with a fraction is a
 * float, and one without is a float only as a `PyFloat`. Lists are arrays; plain objects are dicts whose keys are texts,
 * as JSON has them; whatever else Python has is a `PyObject`.
 */
export type Value = null | boolean | number | bigint | string | object;

/** A value that JSON does not have. */
export abstract class PyObject {
  /** As Python's `type(value).__name__`. */
  abstract readonly typeName: string;
}

/** A float without a fraction, or one written with more digits than a double holds, which is shown as it was written. */
export class PyFloat extends PyObject {
  readonly typeName = "float";
  readonly value: number;
  readonly text: string | undefined;

  constructor(value: number, text?: string) {
    super();
    this.value = value;
    this.text = text;
  }
}

export class Tuple extends PyObject {
  readonly typeName = "tuple";
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    super();
    this.items = items;
  }
}

/** What can be looped over, but is neither a list nor a tuple: a generator, or the view of a dict. */
export class Series extends PyObject {
  readonly typeName: "generator" | "dict_items" | "dict_keys" | "dict_values";
  readonly items: readonly Value[];

  constructor(kind: Series["typeName"], items: readonly Value[]) {
    super();
    this.typeName = kind;
    this.items = items;
  }
}

/** Arguments given by name. */
export type Named = ReadonlyMap<string, Value>;

/** A function, or the method of a value. */
export class Callable extends PyObject {
  readonly typeName = "function";
  readonly name: string;
  readonly call: (args: readonly Value[], named: Named) => Value;

  constructor(name: string, call: (args: readonly Value[], named: Named) => Value) {
    super();
    this.name = name;
    this.call = call;
  }
}

/** A name or an attribute that is not there. It shows as nothing and is false; most other uses of it are errors. */
export class Undefined extends PyObject {
  readonly typeName = "Undefined";
  readonly message: string;
  /** Was it there, but not for templates to see? */
  readonly isForbidden: boolean;

  constructor(message: string, isForbidden = false) {
    super();
    this.message = message;
    this.isForbidden = isForbidden;
  }
}

/** A float as a value. */
export function float(value: number): number | PyFloat {
  return Number.isInteger(value) ? new PyFloat(value) : value;
}

/** An integer as a value. */
export function integer(value: bigint): number | bigint {
  const narrow = Number(value);
  return Number.isSafeInteger(narrow) ? narrow : value;
}

/**
 * Takes what stands in a context as a value: a number that JSON kept as its text becomes an integer, or a float that
 * remembers its text. Throws a TypeError at what is no data.
 */
export function admit(value: unknown): Value {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "bigint":
      return value;
    case "number":
      return Number.isInteger(value) && !Number.isSafeInteger(value) ? largeNumber(value) : value;
    case "undefined":
      return null;
    case "object":
      return value !== null && !Array.isArray(value) && JSON.isRawJSON(value) ? exact(value.rawJSON) : value;
    case "function":
    case "symbol":
      throw typeError(`A ${typeof value} is no value for a template.`);
  }
}

/** From here on JSON writes a number with an exponent, which Python reads as a float. */
const EXPONENT_FROM = 1e21;

function largeNumber(value: number): Value {
  // The digits that JSON has, which are not those of the double where it stands for several integers.
  return Math.abs(value) < EXPONENT_FROM ? BigInt(String(value)) : new PyFloat(value);
}

function exact(text: string): Value {
  return /^-?\d+$/.test(text) ? integer(BigInt(text)) : new PyFloat(Number(text), text);
}

/** As Python's `type(value).__name__`. */
export function typeName(value: Value): string {
  if (value === null) return "NoneType";
  if (typeof value === "string") return "str";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "bigint") return "int";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  if (value instanceof PyObject) return value.typeName;
  return Array.isArray(value) ? "list" : "dict";
}
