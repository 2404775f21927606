import { type Arguments, bind } from "#sources/manifest/python/arguments";
import type { Named, Value } from "#sources/manifest/python/value";
import type { Tools } from "./world.ts";

/** A filter: what it makes of a value and the arguments in its parentheses. */
export type Filter = (value: Value, args: readonly Value[], named: Named, tools: Tools) => Value;

/** Filters by their names. */
export type Filters = Readonly<Record<string, Filter>>;

/** A filter with parameters of these names, in this order. */
export function filter(
  parameters: readonly string[],
  run: (value: Value, given: Arguments, tools: Tools) => Value,
): Filter {
  return (value, args, named, tools) => run(value, bind("filter", parameters, args, named), tools);
}
