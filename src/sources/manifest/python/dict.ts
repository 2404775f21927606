import { hashKey } from "./hash-key.ts";
import { admit, PyObject, type Value } from "./value.ts";

/** A dict made by an expression. Its keys may be any hashable value; those that are equal in Python are one key. */
export class Dict extends PyObject {
  readonly typeName = "dict";
  readonly #entries = new Map<string, readonly [Value, Value]>();

  constructor(entries: Iterable<readonly [Value, Value]> = []) {
    super();
    for (const [key, value] of entries) {
      const hash = hashKey(key);
      this.#entries.set(hash, [this.#entries.get(hash)?.[0] ?? key, value]);
    }
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Value): Value | undefined {
    return this.#entries.get(hashKey(key))?.[1];
  }

  entries(): readonly (readonly [Value, Value])[] {
    return [...this.#entries.values()];
  }
}

/** A set, in the order in which its members came. */
export class PySet extends PyObject {
  readonly typeName = "set";
  readonly #members = new Map<string, Value>();

  constructor(members: Iterable<Value>) {
    super();
    for (const member of members) this.#members.set(hashKey(member), member);
  }

  get items(): readonly Value[] {
    return [...this.#members.values()];
  }

  has(value: Value): boolean {
    return this.#members.has(hashKey(value));
  }
}

/** A dict as JSON has it. */
type Plain = Readonly<Record<string, unknown>>;

export type Mapping = Dict | Plain;

export function isMapping(value: Value): value is Mapping {
  return value instanceof Dict || isPlain(value);
}

export function isPlain(value: Value): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof PyObject);
}

/** What the mapping holds under a key. Only own, enumerable properties of an object count. */
export function lookUp(mapping: Mapping, key: Value): Value | undefined {
  if (mapping instanceof Dict) return mapping.get(key);
  if (typeof key !== "string") {
    hashKey(key);
    return undefined;
  }
  return Object.prototype.propertyIsEnumerable.call(mapping, key) ? admit(mapping[key]) : undefined;
}

export function entriesOf(mapping: Mapping): readonly (readonly [Value, Value])[] {
  if (mapping instanceof Dict) return mapping.entries();
  return Object.entries(mapping).map(([key, value]) => [key, admit(value)] as const);
}

export function sizeOf(mapping: Mapping): number {
  return mapping instanceof Dict ? mapping.size : Object.keys(mapping).length;
}
