import { attributeOf } from "#sources/manifest/python/attribute";
import { undefinedError } from "#sources/manifest/python/compare";
import { isMapping, isPlain, lookUp } from "#sources/manifest/python/dict";
import { asInteger } from "#sources/manifest/python/number";
import { PythonError } from "#sources/manifest/python/python-error";
import { characters, type SliceBounds, slicePositions } from "#sources/manifest/python/sequence";
import type { FieldAccess } from "#sources/manifest/python/str-format";
import { repr } from "#sources/manifest/python/text";
import { admit, Callable, PyObject, Tuple, typeName, Undefined, type Value } from "#sources/manifest/python/value";
import { Group } from "./group.ts";

/** A value of the template language itself, such as a loop: its attributes are its own. */
export abstract class TemplateObject extends PyObject {
  abstract attribute(name: string): Value | undefined;
}

/** Where the attribute exists on every Python value, and Jinja's sandbox keeps it from templates. */
const FORBIDDEN = /^__\w+__$/;

/** Reads attributes and items as Jinja's sandbox does. */
export class Access {
  readonly #now: () => number;
  readonly #fields: FieldAccess;

  constructor(now: () => number) {
    this.#now = now;
    this.#fields = {
      attribute: (value, name) => this.attribute(value, name),
      item: (value, key) => this.item(value, key),
    };
  }

  /** `value.name`: an attribute, or else an item. */
  attribute(value: Value, name: string): Value {
    if (value instanceof Undefined) throw undefinedError(value);
    const own = this.#own(value, name);
    if (own !== undefined) return own;
    const item = itemOf(value, name);
    return item === undefined ? missing(value, name) : item;
  }

  /** `value[key]`: an item, or else an attribute. */
  item(value: Value, key: Value): Value {
    if (value instanceof Undefined) throw undefinedError(value);
    const item = itemOf(value, key);
    if (item !== undefined) return item;
    const own = typeof key === "string" ? this.#own(value, key) : undefined;
    return own === undefined ? missing(value, key) : own;
  }

  #own(value: Value, name: string): Value | undefined {
    if (FORBIDDEN.test(name)) {
      return new Undefined(`access to attribute '${name}' of '${typeName(value)}' object is unsafe.`, true);
    }
    if (value instanceof TemplateObject) return value.attribute(name);
    if (value instanceof Group && (name === "grouper" || name === "list")) return value[name];
    return attributeOf(value, name, { now: this.#now, access: this.#fields });
  }
}

function itemOf(value: Value, key: Value): Value | undefined {
  if (typeof value === "object" && value !== null && isMapping(value)) return mappingItem(value, key);
  const index = asInteger(key);
  if (index === undefined) return undefined;
  if (Array.isArray(value)) {
    const item: unknown = value.at(Number(index));
    return item === undefined ? undefined : admit(item);
  }
  if (typeof value === "string") return at(characters(value), Number(index));
  return value instanceof Tuple ? value.items.at(Number(index)) : undefined;
}

function mappingItem(value: Parameters<typeof lookUp>[0], key: Value): Value | undefined {
  // Properties that loops don't show, such as the parts of a slice, can be read by name.
  if (typeof key === "string" && isPlain(value)) return Object.hasOwn(value, key) ? admit(value[key]) : undefined;
  try {
    return lookUp(value, key);
  } catch (error) {
    if (error instanceof PythonError && error.kind === "TypeError") return undefined;
    throw error;
  }
}

function at(text: readonly string[] | string, index: number): string | undefined {
  return text[index < 0 ? text.length + index : index];
}

function missing(value: Value, key: Value): Undefined {
  if (value === null) return new Undefined(`None has no attribute ${repr(key)}`);
  const isPosition = asInteger(key) !== undefined;
  return new Undefined(`'${typeName(value)} object' has no ${isPosition ? "element" : "attribute"} ${repr(key)}`);
}

/** `value[start:stop:step]`; what can't be sliced is undefined, as in Jinja. */
export function sliceOf(value: Value, bounds: SliceBounds): Value {
  if (value instanceof Undefined) throw undefinedError(value);
  if (bounds.step === 0) throw new PythonError("ValueError", "slice step cannot be zero");
  if (typeof value === "string") return sliced(characters(value), bounds).join("");
  if (Array.isArray(value)) return sliced(value.map(admit), bounds);
  if (value instanceof Tuple) return new Tuple(sliced(value.items, bounds));
  return new Undefined(`'${typeName(value)} object' can't be sliced`);
}

function sliced<T>(items: ArrayLike<T>, bounds: SliceBounds): readonly T[] {
  const result: T[] = [];
  for (const position of slicePositions(items.length, bounds)) {
    const item = items[position];
    if (item !== undefined) result.push(item);
  }
  return result;
}

/** Calls a function or a method. Throws a TypeError at what is neither. */
export function call(callee: Value, args: readonly Value[], named: ReadonlyMap<string, Value>): Value {
  if (callee instanceof Callable) return callee.call(args, named);
  if (callee instanceof Undefined) throw undefinedError(callee);
  throw new PythonError("TypeError", `'${typeName(callee)}' object is not callable`);
}
