import type { Value } from "#sources/manifest/python/value";
import { TemplateObject } from "./access.ts";

/** What `namespace()` makes: the one thing whose attributes a template may set, in loops too. */
export class Namespace extends TemplateObject {
  readonly typeName = "Namespace";
  readonly #values: Map<string, Value>;

  constructor(values: Iterable<readonly [string, Value]>) {
    super();
    this.#values = new Map(values);
  }

  attribute(name: string): Value | undefined {
    return this.#values.get(name);
  }

  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }
}
