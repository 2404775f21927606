import { areEqual } from "#sources/manifest/python/compare";
import { typeError } from "#sources/manifest/python/python-error";
import { Callable, Undefined, type Value } from "#sources/manifest/python/value";
import { TemplateObject } from "./access.ts";

/** The `loop` of `{% for %}`. */
export class Loop extends TemplateObject {
  readonly typeName = "LoopContext";
  readonly #items: readonly Value[];
  #index = 0;
  #changed: readonly Value[] | undefined;

  constructor(items: readonly Value[]) {
    super();
    this.#items = items;
  }

  moveTo(index: number): void {
    this.#index = index;
  }

  attribute(name: string): Value | undefined {
    const { length } = this.#items;
    const index = this.#index;
    switch (name) {
      case "index":
        return index + 1;
      case "index0":
        return index;
      case "revindex":
        return length - index;
      case "revindex0":
        return length - index - 1;
      case "first":
        return index === 0;
      case "last":
        return index === length - 1;
      case "length":
        return length;
      // Only a recursive loop would be deeper.
      case "depth":
        return 1;
      case "depth0":
        return 0;
      case "previtem":
        return this.#itemAt(index - 1);
      case "nextitem":
        return this.#itemAt(index + 1);
      case "cycle":
        return new Callable(name, (args) => this.#cycle(args));
      case "changed":
        return new Callable(name, (args) => this.#hasChanged(args));
      default:
        return undefined;
    }
  }

  #itemAt(index: number): Value {
    const item = this.#items[index];
    return item === undefined ? new Undefined("there is no such item") : item;
  }

  #cycle(args: readonly Value[]): Value {
    const item = args[this.#index % args.length];
    if (item === undefined) throw typeError("no items for cycling given");
    return item;
  }

  #hasChanged(args: readonly Value[]): boolean {
    if (this.#changed !== undefined && areEqual([...this.#changed], [...args])) return false;
    this.#changed = args;
    return true;
  }
}
