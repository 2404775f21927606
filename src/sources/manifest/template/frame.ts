import { admit, typeName, Undefined, type Value } from "#sources/manifest/python/value";
import { PythonError } from "#sources/manifest/python/python-error";
import type { Access } from "./access.ts";
import { Namespace } from "./namespace.ts";
import type { Tools } from "./world.ts";

/** What an expression may read, by name: plain JSON-like values. */
export type TemplateContext = Readonly<Record<string, unknown>>;

/** Names that are other names for something: what they stand for came with the stream's slice once. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["stream_interval", "stream_slice"],
  ["stream_partition", "stream_slice"],
]);

/** The name under which a context has what an expression calls by this name, or undefined. */
export function nameIn(context: TemplateContext, name: string): string | undefined {
  if (Object.hasOwn(context, name)) return name;
  const alias = ALIASES.get(name);
  return alias !== undefined && Object.hasOwn(context, alias) ? alias : undefined;
}

/** What one evaluation has at hand, whatever scope it is in. */
export interface Evaluation {
  readonly context: TemplateContext;
  readonly globals: ReadonlyMap<string, Value>;
  readonly access: Access;
  readonly tools: Tools;
}

/** A scope of an evaluation: the names set in it, and those around it. */
export class Frame {
  readonly evaluation: Evaluation;
  readonly #outer: Frame | undefined;
  #values: Map<string, Value> | undefined;

  constructor(evaluation: Evaluation, outer?: Frame) {
    this.evaluation = evaluation;
    this.#outer = outer;
  }

  inner(): Frame {
    return new Frame(this.evaluation, this);
  }

  set(name: string, value: Value): void {
    this.#values ??= new Map();
    this.#values.set(name, value);
  }

  setAttribute(namespace: string, name: string, value: Value): void {
    const object = this.get(namespace);
    if (!(object instanceof Namespace)) {
      throw new PythonError("ValueError", `cannot assign attribute on ${typeName(object)}, only on a namespace()`);
    }
    object.set(name, value);
  }

  /** A name set by the template, one of the context's, or a function; undefined ones are a value too. */
  get(name: string): Value {
    const own = this.#values?.get(name);
    if (own !== undefined) return own;
    return this.#outer === undefined ? this.#global(name) : this.#outer.get(name);
  }

  #global(name: string): Value {
    const { context, globals } = this.evaluation;
    const found = nameIn(context, name);
    if (found !== undefined) return admit(context[found]);
    return globals.get(name) ?? new Undefined(`'${name}' is undefined`);
  }
}
