import { operate } from "#sources/manifest/python/arithmetic";
import { bind } from "#sources/manifest/python/arguments";
import { areEqual, isOrdered } from "#sources/manifest/python/compare";
import { isMapping, PySet } from "#sources/manifest/python/dict";
import { asInteger, isFloat } from "#sources/manifest/python/number";
import { itemsIn, lengthOf } from "#sources/manifest/python/sequence";
import { classOf } from "#sources/manifest/python/text-class";
import { str } from "#sources/manifest/python/text";
import { Callable, type Named, Series, Undefined, type Value } from "#sources/manifest/python/value";
import { contains } from "./contains.ts";
import { filterNames } from "./filters.ts";

/** A test: what `is` asks of a value, perhaps with another. */
interface Test {
  readonly parameters: readonly string[];
  readonly holds: (value: Value, other: Value) => boolean;
}

const one = (holds: (value: Value) => boolean): Test => ({ parameters: [], holds });
const two = (holds: (value: Value, other: Value) => boolean): Test => ({ parameters: ["other"], holds });

const equal = two((value, other) => areEqual(value, other));
const unequal = two((value, other) => !areEqual(value, other));
const greater = two((value, other) => isOrdered(">", value, other));
const greaterOrEqual = two((value, other) => isOrdered(">=", value, other));
const less = two((value, other) => isOrdered("<", value, other));
const lessOrEqual = two((value, other) => isOrdered("<=", value, other));

const TESTS: ReadonlyMap<string, Test> = new Map<string, Test>([
  ["boolean", one((value) => typeof value === "boolean")],
  ["callable", one((value) => value instanceof Callable)],
  ["defined", one((value) => !(value instanceof Undefined))],
  ["divisibleby", two((value, other) => areEqual(operate("%", value, other), 0))],
  ["eq", equal],
  ["equalto", equal],
  ["escaped", one(() => false)],
  ["even", one((value) => areEqual(operate("%", value, 2), 0))],
  ["false", one((value) => value === false)],
  ["filter", one((value) => typeof value === "string" && filterNames.has(value))],
  ["float", one((value) => isFloat(value))],
  ["ge", greaterOrEqual],
  ["greaterthan", greater],
  ["gt", greater],
  ["in", two((value, other) => contains(other, value))],
  ["integer", one((value) => typeof value !== "boolean" && asInteger(value) !== undefined)],
  ["iterable", one((value) => itemsIn(value) !== undefined)],
  ["le", lessOrEqual],
  ["lessthan", less],
  ["lower", one((value) => classOf("islower")?.(str(value)) ?? false)],
  ["lt", less],
  ["mapping", one((value) => isMapping(value))],
  ["ne", unequal],
  ["none", one((value) => value === null)],
  ["number", one((value) => isFloat(value) || asInteger(value) !== undefined)],
  ["odd", one((value) => areEqual(operate("%", value, 2), 1))],
  ["sameas", two((value, other) => value === other)],
  [
    "sequence",
    one((value) => lengthOf(value) !== undefined && !(value instanceof Series) && !(value instanceof PySet)),
  ],
  ["string", one((value) => typeof value === "string")],
  ["test", one((value) => typeof value === "string" && testNames.has(value))],
  ["true", one((value) => value === true)],
  ["undefined", one((value) => value instanceof Undefined)],
  ["upper", one((value) => classOf("isupper")?.(str(value)) ?? false)],
]);

/** Comparisons, for `select` and its kin only: no expression can name them. */
const SIGNS: ReadonlyMap<string, Test> = new Map([
  ["==", equal],
  ["!=", unequal],
  [">", greater],
  [">=", greaterOrEqual],
  ["<", less],
  ["<=", lessOrEqual],
]);

export const testNames: ReadonlySet<string> = new Set(TESTS.keys());

/** Applies a test; undefined if there is none of that name. */
export function runTest(name: string, value: Value, args: readonly Value[], named: Named): boolean | undefined {
  const test = TESTS.get(name) ?? SIGNS.get(name);
  if (test === undefined) return undefined;
  const given = bind(name, test.parameters, args, named);
  return test.holds(value, test.parameters.length === 0 ? null : given.need("other"));
}
