import { z } from "zod";

import {
  CannotOpen,
  openCredentials,
  resealed,
  sealCredentials,
  sealedSchema,
  type Sealed,
  type SealingKey,
} from "#auth/credentials";
import type { JsonObject } from "#core/json";
import { SourceFailure, type Keepsakes } from "#sources/source";
import type { Documents } from "#storage/documents";

/** A keepsake is a token or two; this leaves room for dozens, and keeps a source from filling the object with them. */
const MAX_CHARACTERS = 500_000;

const KEY = "keepsakes";

const valuesSchema: z.ZodType<Record<string, JsonObject>> = z.record(z.string(), z.record(z.string(), z.json()));

/**
 * The connection's keepsakes at rest: one document, sealed like the credentials, names included, and bound to the
 * connection. It opens with the connection's id and in this place only.
 */
export class KeepsakeStore {
  readonly #documents: Documents;
  #opened: OpenKeepsakes | null = null;

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  /**
   * For a source that is opened. All that are open at once share one, so that a token which one obtains serves the
   * others. After `replace` or `forget` it is cut off: what a source that was opened before still writes goes nowhere.
   */
  open(keys: readonly SealingKey[], connectionId: string): Keepsakes {
    this.#opened ??= new OpenKeepsakes(this.#documents, keys, connectionId);
    return this.#opened;
  }

  /** Seals what is there with the newest key, if it is not yet. Throws CannotOpen. */
  async reseal(keys: readonly SealingKey[], connectionId: string): Promise<void> {
    const sealed = this.#documents.read(KEY, sealedSchema);
    const newer = sealed === null ? null : await resealed(keys, boundToOf(connectionId), sealed);
    if (newer === null) return;
    // What was written meanwhile is newer, and sealed with the newest key.
    if (this.#documents.read(KEY, sealedSchema)?.ciphertext === sealed?.ciphertext) this.#documents.write(KEY, newer);
  }

  /** Puts these in the place of what was there. Call inside the transaction that replaces what they belong to. */
  replace(sealed: Sealed | null): void {
    this.forget();
    if (sealed !== null) this.#documents.write(KEY, sealed);
  }

  forget(): void {
    this.#opened?.cutOff();
    this.#opened = null;
    this.#documents.remove(KEY);
  }
}

/** Seals keepsakes for `replace`; null where there are none. */
export async function sealKeepsakes(
  keys: readonly SealingKey[],
  connectionId: string,
  values: ReadonlyMap<string, JsonObject>,
): Promise<Sealed | null> {
  return values.size === 0 ? null : sealCredentials(keys, boundToOf(connectionId), Object.fromEntries(values));
}

class OpenKeepsakes implements Keepsakes {
  readonly #documents: Documents;
  readonly #keys: readonly SealingKey[];
  readonly #boundTo: string;
  #values: Promise<Map<string, JsonObject>> | null = null;
  #isCutOff = false;
  /** Sealing takes time; this keeps a write from overtaking the one before it. */
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(documents: Documents, keys: readonly SealingKey[], connectionId: string) {
    this.#documents = documents;
    this.#keys = keys;
    this.#boundTo = boundToOf(connectionId);
  }

  async read(name: string): Promise<JsonObject | null> {
    return (await this.#load()).get(name) ?? null;
  }

  async write(name: string, value: JsonObject): Promise<void> {
    const written = this.#lastWrite.then(() => this.#storeWith(name, value));
    this.#lastWrite = written.catch(() => undefined);
    await written;
  }

  cutOff(): void {
    this.#isCutOff = true;
  }

  async #storeWith(name: string, value: JsonObject): Promise<void> {
    const values = new Map(await this.#load()).set(name, value);
    const contents = Object.fromEntries(values);
    if (JSON.stringify(contents).length > MAX_CHARACTERS) {
      throw new SourceFailure({
        kind: "bad_response",
        message: `The tokens that the source obtained are more than ${MAX_CHARACTERS} characters together, the most that is kept of them.`,
        final: true,
      });
    }
    const sealed = await sealCredentials(this.#keys, this.#boundTo, contents);
    if (!this.#isCutOff) this.#documents.write(KEY, sealed);
    this.#values = Promise.resolve(values);
  }

  /** Opened once; a failure is not kept, so that the next read tries again. */
  #load(): Promise<Map<string, JsonObject>> {
    this.#values ??= this.#unseal().catch((error: unknown) => {
      this.#values = null;
      throw error;
    });
    return this.#values;
  }

  async #unseal(): Promise<Map<string, JsonObject>> {
    const sealed = this.#documents.read(KEY, sealedSchema);
    if (sealed === null) return new Map();
    try {
      return new Map(Object.entries(valuesSchema.parse(await openCredentials(this.#keys, this.#boundTo, sealed))));
    } catch (error) {
      if (error instanceof CannotOpen) throw new SourceFailure({ kind: "internal", message: error.message });
      throw error;
    }
  }
}

/** Not the credentials' own binding, so that one can't be put in the place of the other. */
function boundToOf(connectionId: string): string {
  return `${connectionId}/keepsakes`;
}
