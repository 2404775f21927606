import { valueError } from "#sources/manifest/python/python-error";
import { iterate } from "#sources/manifest/python/sequence";
import { isTrue } from "#sources/manifest/python/truth";
import { Series, Undefined, type Named, type Value } from "#sources/manifest/python/value";
import { attributeReader, type Read } from "#sources/manifest/template/attribute-path";
import type { Filter, Filters } from "#sources/manifest/template/filter-definition";
import type { Tools } from "#sources/manifest/template/world";

/** Jinja's filters that apply another filter, or a test, to each item. */
export const SELECTION_FILTERS: Filters = {
  map: (value, args, named, tools) => {
    if (!isTrue(value)) return new Series("generator", []);
    const read = mapper(args, named, tools);
    return new Series("generator", iterate(value).map(read));
  },
  reject: selection(false, false),
  rejectattr: selection(true, false),
  select: selection(false, true),
  selectattr: selection(true, true),
};

function mapper(args: readonly Value[], named: Named, tools: Tools): Read {
  const [name, ...rest] = args;
  const attribute = named.get("attribute");
  if (name === undefined && attribute !== undefined) {
    const unknown = [...named.keys()].find((key) => key !== "attribute" && key !== "default");
    if (unknown !== undefined) throw valueError(`Unexpected keyword argument '${unknown}'`);
    return attributeReader(attribute, tools, named.get("default") ?? null);
  }
  if (name === undefined) throw valueError("map requires a filter argument");
  return (item) => tools.callFilter(needName(name), item, rest, named);
}

function selection(byAttribute: boolean, isKept: boolean): Filter {
  return (value, args, named, tools) => {
    if (!isTrue(value)) return new Series("generator", []);
    const [attribute, ...others] = args;
    if (byAttribute && attribute === undefined) throw valueError("Missing parameter for attribute name");
    const read = byAttribute ? attributeReader(attribute ?? null, tools) : (item: Value) => item;
    const [test, ...rest] = byAttribute ? others : args;
    const passes = (item: Value) =>
      test === undefined ? isTrue(item) : tools.callTest(needName(test), item, rest, named);
    return new Series(
      "generator",
      iterate(value).filter((item) => passes(read(item)) === isKept),
    );
  };
}

function needName(name: Value): string {
  if (typeof name === "string") return name;
  throw valueError(
    name instanceof Undefined
      ? `${name.message}; did you forget to quote the name?`
      : "A filter or a test must be named by a text.",
  );
}
