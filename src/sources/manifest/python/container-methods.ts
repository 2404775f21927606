import { callable } from "./arguments.ts";
import { areEqual } from "./compare.ts";
import { Dict, entriesOf, lookUp, type Mapping } from "./dict.ts";
import { valueError } from "./python-error.ts";
import { repr } from "./text.ts";
import { Callable, Series, Tuple, type Value } from "./value.ts";

const DICT_CHANGES = new Set(["clear", "pop", "popitem", "setdefault", "update"]);
const LIST_CHANGES = new Set(["append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"]);

/** The method of a dict, bound to it; undefined if it has none of that name. */
export function dictMethod(mapping: Mapping, name: string): Callable | undefined {
  switch (name) {
    case "get":
      return callable(name, ["key", "default"], (given) => {
        const found = lookUp(mapping, given.need("key"));
        return found === undefined ? given.get("default", null) : found;
      });
    case "items":
      return callable(
        name,
        [],
        () =>
          new Series(
            "dict_items",
            entriesOf(mapping).map((entry) => new Tuple(entry)),
          ),
      );
    case "keys":
      return callable(
        name,
        [],
        () =>
          new Series(
            "dict_keys",
            entriesOf(mapping).map(([key]) => key),
          ),
      );
    case "values":
      return callable(
        name,
        [],
        () =>
          new Series(
            "dict_values",
            entriesOf(mapping).map(([, value]) => value),
          ),
      );
    case "copy":
      return callable(name, [], () => new Dict(entriesOf(mapping)));
    default:
      return DICT_CHANGES.has(name) ? refusal("dict", name) : undefined;
  }
}

/** The method of a list or a tuple, bound to it. */
export function listMethod(items: readonly Value[], name: string, isTuple: boolean): Callable | undefined {
  switch (name) {
    case "count":
      return callable(name, ["value"], (given) => items.filter((item) => areEqual(item, given.need("value"))).length);
    case "index":
      return callable(name, ["value"], (given) => {
        const at = items.findIndex((item) => areEqual(item, given.need("value")));
        if (at === -1) throw valueError(`${repr(given.need("value"))} is not in list`);
        return at;
      });
    case "copy":
      return isTuple ? undefined : callable(name, [], () => items);
    default:
      return !isTuple && LIST_CHANGES.has(name) ? refusal("list", name) : undefined;
  }
}

/** What a template reads is shared with others, so that nothing it is given may be changed. */
function refusal(type: string, name: string): Callable {
  return new Callable(name, () => {
    throw valueError(
      `A template may not change its data: ${type}.${name}() is not available. Use {% set %}, + or a filter.`,
    );
  });
}
