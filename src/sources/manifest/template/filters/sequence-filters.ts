import type { Arguments } from "#sources/manifest/python/arguments";
import { operate } from "#sources/manifest/python/arithmetic";
import { areEqual, compareValues, undefinedError } from "#sources/manifest/python/compare";
import { entriesOf, isMapping } from "#sources/manifest/python/dict";
import { hashKey } from "#sources/manifest/python/hash-key";
import { allowListLength } from "#sources/manifest/python/limits";
import { PythonError, typeError, valueError } from "#sources/manifest/python/python-error";
import { iterate, lengthOf } from "#sources/manifest/python/sequence";
import { joinTexts } from "#sources/manifest/python/str-methods";
import { str } from "#sources/manifest/python/text";
import { isTrue } from "#sources/manifest/python/truth";
import { Series, Tuple, typeName, Undefined, type Value } from "#sources/manifest/python/value";
import { attributeReader, ignoreCase, type Read } from "#sources/manifest/template/attribute-path";
import { filter, type Filters } from "#sources/manifest/template/filter-definition";
import { Group } from "#sources/manifest/template/group";
import type { Tools } from "#sources/manifest/template/world";

/** Jinja's filters for lists, dicts and whatever else can be looped over. */
export const SEQUENCE_FILTERS: Filters = {
  batch: filter(["linecount", "fill_with"], (value, given) =>
    generator(batches(iterate(value), given.integer("linecount"), given.get("fill_with", null))),
  ),
  count: filter([], length),
  d: filter(["default_value", "boolean"], defaultValue),
  default: filter(["default_value", "boolean"], defaultValue),
  dictsort: filter(["case_sensitive", "by", "reverse"], dictSort),
  first: filter([], (value) => orUndefined(iterate(value)[0], "No first item, sequence was empty.")),
  groupby: filter(["attribute", "default", "case_sensitive"], groupBy),
  items: filter([], items),
  join: filter(["d", "attribute"], (value, given, tools) => {
    const read = given.get("attribute", null) === null ? undefined : attributeReader(given.need("attribute"), tools);
    const texts = iterate(value).map((item) => str(read === undefined ? item : read(item)));
    return joinTexts(str(given.get("d", "")), texts);
  }),
  last: filter([], last),
  length: filter([], length),
  list: filter([], (value) => iterate(value)),
  max: filter(["case_sensitive", "attribute"], (value, given, tools) =>
    extreme(iterate(value), keyOf(given, tools), 1),
  ),
  min: filter(["case_sensitive", "attribute"], (value, given, tools) =>
    extreme(iterate(value), keyOf(given, tools), -1),
  ),
  reverse: filter([], (value) => {
    if (typeof value === "string") return Array.from(value).toReversed().join("");
    return generator(iterate(value).toReversed());
  }),
  slice: filter(["slices", "fill_with"], (value, given) =>
    generator(slices(iterate(value), given.integer("slices"), given.get("fill_with", null))),
  ),
  sort: filter(["reverse", "case_sensitive", "attribute"], sort),
  sum: filter(["attribute", "start"], (value, given, tools) => {
    const read = attributeReader(given.get("attribute", null), tools);
    return iterate(value).reduce<Value>((total, item) => operate("+", total, read(item)), given.get("start", 0));
  }),
  unique: filter(["case_sensitive", "attribute"], (value, given, tools) =>
    generator(unique(iterate(value), keyOf(given, tools))),
  ),
};

function generator(list: readonly Value[]): Series {
  allowListLength(list.length);
  return new Series("generator", list);
}

/** None is an item as any other. */
function orUndefined(item: Value | undefined, message: string): Value {
  return item === undefined ? new Undefined(message) : item;
}

function length(value: Value): Value {
  const size = lengthOf(value);
  if (size === undefined) throw typeError(`object of type '${typeName(value)}' has no len()`);
  return size;
}

function defaultValue(value: Value, given: Arguments): Value {
  const isMissing = value instanceof Undefined || (isTrue(given.get("boolean", false)) && !isTrue(value));
  return isMissing ? given.get("default_value", "") : value;
}

function last(value: Value): Value {
  if (value instanceof Series && value.typeName === "generator")
    throw typeError("'generator' object is not reversible");
  return orUndefined(iterate(value).at(-1), "No last item, sequence was empty.");
}

function needMapping(value: Value, method: string): Parameters<typeof entriesOf>[0] {
  if (value instanceof Undefined) throw undefinedError(value);
  if (isMapping(value)) return value;
  throw new PythonError("AttributeError", `'${typeName(value)}' object has no attribute '${method}'`);
}

function items(value: Value): Value {
  if (value instanceof Undefined) return generator([]);
  if (!isMapping(value)) throw typeError("Can only get item pairs from a mapping.");
  return generator(entriesOf(value).map((entry) => new Tuple(entry)));
}

function dictSort(value: Value, given: Arguments): Value {
  const by = given.text("by", "key");
  if (by !== "key" && by !== "value") throw valueError('You can only sort by either "key" or "value"');
  const isCaseIgnored = !isTrue(given.get("case_sensitive", false));
  const key = ([name, item]: readonly [Value, Value]) => {
    const side = by === "key" ? name : item;
    return isCaseIgnored ? ignoreCase(side) : side;
  };
  const sorted = stableSort(entriesOf(needMapping(value, "items")), key, isTrue(given.get("reverse", false)));
  return sorted.map((entry) => new Tuple(entry));
}

/** Equal items keep their order, in reverse too, as in Python. */
function stableSort<T>(list: readonly T[], key: (item: T) => Value, isReversed: boolean): readonly T[] {
  const keyed = list.map((item) => ({ item, key: key(item) }));
  const direction = isReversed ? -1 : 1;
  return keyed.toSorted((left, right) => direction * compareValues(left.key, right.key)).map(({ item }) => item);
}

function keyOf(given: Arguments, tools: Tools): Read {
  const read = attributeReader(given.get("attribute", null), tools);
  return isTrue(given.get("case_sensitive", false)) ? read : (value) => ignoreCase(read(value));
}

function sort(value: Value, given: Arguments, tools: Tools): Value {
  const attribute = given.get("attribute", null);
  const parts: readonly Value[] = typeof attribute === "string" ? attribute.split(",") : [attribute];
  const readers = parts.map((part) => attributeReader(part, tools));
  const isCaseIgnored = !isTrue(given.get("case_sensitive", false));
  const key = (item: Value) => readers.map((read) => (isCaseIgnored ? ignoreCase(read(item)) : read(item)));
  return stableSort(iterate(value), key, isTrue(given.get("reverse", false)));
}

function extreme(list: readonly Value[], key: Read, direction: 1 | -1): Value {
  const [first, ...rest] = list;
  if (first === undefined) return new Undefined("No aggregated item, sequence was empty.");
  return rest.reduce((best, item) => (direction * compareValues(key(item), key(best)) > 0 ? item : best), first);
}

function unique(list: readonly Value[], key: Read): readonly Value[] {
  const seen = new Set<string>();
  return list.filter((item) => {
    const hash = hashKey(key(item));
    const isNew = !seen.has(hash);
    seen.add(hash);
    return isNew;
  });
}

function groupBy(value: Value, given: Arguments, tools: Tools): Value {
  const fallback = given.get("default", null);
  const read = attributeReader(given.need("attribute"), tools, fallback);
  const isCaseIgnored = !isTrue(given.get("case_sensitive", false));
  const key = (item: Value) => (isCaseIgnored ? ignoreCase(read(item)) : read(item));
  const groups: { readonly key: Value; readonly members: Value[] }[] = [];
  for (const item of stableSort(iterate(value), key, false)) {
    const current = groups.at(-1);
    if (current !== undefined && areEqual(current.key, key(item))) current.members.push(item);
    else groups.push({ key: key(item), members: [item] });
  }
  return groups.map(({ members }) => new Group(read(members[0] ?? null), members));
}

function batches(list: readonly Value[], size: number, fill: Value): readonly Value[] {
  const result: Value[] = [];
  let current: Value[] = [];
  for (const item of list) {
    if (current.length === size) {
      result.push(current);
      current = [];
    }
    current.push(item);
  }
  if (current.length === 0) return result;
  if (fill !== null && size > current.length) {
    allowListLength(size);
    current.push(...Array.from({ length: size - current.length }, () => fill));
  }
  return [...result, current];
}

function slices(list: readonly Value[], count: number, fill: Value): readonly Value[] {
  if (count === 0) throw new PythonError("ZeroDivisionError", "integer division or modulo by zero");
  allowListLength(count);
  const size = Math.floor(list.length / count);
  const longer = list.length % count;
  let offset = 0;
  return Array.from({ length: Math.max(0, count) }, (_, index) => {
    const start = offset + index * size;
    if (index < longer) offset += 1;
    const part = list.slice(start, offset + (index + 1) * size);
    return fill !== null && index >= longer ? [...part, fill] : part;
  });
}
