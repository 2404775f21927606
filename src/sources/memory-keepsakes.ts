import type { JsonObject } from "#core/json";
import type { Keepsakes } from "./source.ts";

/** Keepsakes of a connection that is not stored, or not yet: they live as long as this object. */
export class MemoryKeepsakes implements Keepsakes {
  readonly #values: Map<string, JsonObject>;

  constructor(values: ReadonlyMap<string, JsonObject> = new Map()) {
    this.#values = new Map(values);
  }

  /** All that was written, to be handed over to the connection that came of it. */
  get values(): ReadonlyMap<string, JsonObject> {
    return this.#values;
  }

  async read(name: string): Promise<JsonObject | null> {
    return this.#values.get(name) ?? null;
  }

  async write(name: string, value: JsonObject): Promise<void> {
    this.#values.set(name, value);
  }
}
