import { areEqual } from "#sources/manifest/python/compare";
import { isMapping, lookUp, PySet } from "#sources/manifest/python/dict";
import { typeError } from "#sources/manifest/python/python-error";
import { itemsIn } from "#sources/manifest/python/sequence";
import { typeName, type Value } from "#sources/manifest/python/value";

/** As Python's `item in container`. Throws a TypeError where nothing can be in it. */
export function contains(container: Value, item: Value): boolean {
  if (typeof container === "string") {
    if (typeof item === "string") return container.includes(item);
    throw typeError(`'in <string>' requires string as left operand, not ${typeName(item)}`);
  }
  if (container instanceof PySet) return container.has(item);
  if (container !== null && typeof container === "object" && isMapping(container)) {
    return lookUp(container, item) !== undefined;
  }
  const items = itemsIn(container);
  if (items === undefined) throw typeError(`argument of type '${typeName(container)}' is not iterable`);
  return items.some((candidate) => areEqual(candidate, item));
}
