import { type JsonObject, isJsonObject } from "#core/json";
import { type DocumentMaker, revision } from "./sample-documents.ts";

/** A document that was written after the database was made. */
interface Written {
  readonly sequence: number;
  readonly generation: number;
  /** Its place among the documents that the database began with; null for one added later. */
  readonly number: number | null;
  /** Null where it was deleted. */
  readonly document: JsonObject | null;
}

/**
 * A CouchDB database, as far as its change feed shows it.
 *
 * It begins with documents 1 to `initialSize`, which are made from their numbers when they are asked for, so a million
 * of them take no memory. Only what is written later is kept. As in CouchDB, the feed holds each document once, at its
 * newest change.
 */
export class SampleDatabase {
  readonly name: string;
  readonly #maker: DocumentMaker;
  readonly #initialSize: number;
  /** In the order of their sequence: a document written again moves to the end. */
  readonly #written = new Map<string, Written>();
  /** Rendered pages by where they begin, for readers that must not wait. Valid until the first write. */
  readonly #rendered = new Map<string, Buffer>();
  #sequence: number;
  #size: number;

  constructor(name: string, maker: DocumentMaker, initialSize: number) {
    this.name = name;
    this.#maker = maker;
    this.#initialSize = initialSize;
    this.#sequence = initialSize;
    this.#size = initialSize;
  }

  /** Documents that exist now. */
  get size(): number {
    return this.#size;
  }

  get sequence(): string {
    return this.#token(this.#sequence);
  }

  /** The id of the nth document (from 1) that the database began with. */
  id(n: number): string {
    return this.#maker.id(n);
  }

  /** The document, or null if there is none. */
  get(id: string): JsonObject | null {
    const written = this.#written.get(id);
    if (written !== undefined) return written.document;
    const number = this.#numberOf(id);
    if (number === null) return null;
    const document: unknown = JSON.parse(this.#maker.json(number));
    return isJsonObject(document) ? document : null;
  }

  /** Adds a document, or changes the given fields of one that exists. */
  put(id: string, fields: JsonObject): void {
    const before = this.get(id);
    if (before === null) this.#size += 1;
    this.#write(id, (rev) => ({ ...before, ...fields, _id: id, _rev: rev }));
  }

  remove(id: string): void {
    if (this.get(id) === null) return;
    this.#size -= 1;
    this.#write(id, () => null);
  }

  /** Renders every page of this size in advance. */
  prerender(pageSize: number): void {
    for (let since = 0; since < this.#initialSize; since += pageSize) {
      this.#rendered.set(`${since}/${pageSize}`, this.#render(since, pageSize));
    }
  }

  /** The answer to `_changes`, as UTF-8. Null if `since` is not one of our sequences. */
  changes(since: string, limit: number): Buffer | null {
    const start = /^\d+(?=-|$)/.exec(since)?.[0];
    if (start === undefined) return null;
    return this.#rendered.get(`${Number(start)}/${limit}`) ?? this.#render(Number(start), limit);
  }

  #render(since: number, limit: number): Buffer {
    const results: string[] = [];
    let last = since;
    while (last < this.#initialSize && results.length < limit) {
      last += 1;
      const id = this.#maker.id(last);
      if (this.#written.has(id)) continue;
      results.push(this.#result(last, id, this.#maker.revision(last), this.#maker.json(last), false));
    }
    for (const [id, { sequence, generation, document }] of this.#written) {
      if (sequence <= last || results.length >= limit) continue;
      last = sequence;
      const rev = revision(generation, sequence);
      const json = JSON.stringify(document ?? { _id: id, _rev: rev, _deleted: true });
      results.push(this.#result(sequence, id, rev, json, document === null));
    }
    const head = `{"results":[\n${results.join(",\n")}\n],`;
    return Buffer.from(`${head}"last_seq":"${this.#token(last)}","pending":${this.#pending(last)}}\n`);
  }

  #result(sequence: number, id: string, rev: string, json: string, deleted: boolean): string {
    const mark = deleted ? `,"deleted":true` : "";
    return `{"seq":"${this.#token(sequence)}","id":"${id}","changes":[{"rev":"${rev}"}]${mark},"doc":${json}}`;
  }

  /** How many changes come after this sequence. */
  #pending(last: number): number {
    let pending = Math.max(0, this.#initialSize - last);
    for (const { sequence, number } of this.#written.values()) {
      if (sequence > last) pending += 1;
      if (number !== null && number > last) pending -= 1;
    }
    return pending;
  }

  #write(id: string, make: (rev: string) => JsonObject | null): void {
    const previous = this.#written.get(id);
    const generation = (previous?.generation ?? 1) + 1;
    const number = previous === undefined ? this.#numberOf(id) : previous.number;
    this.#sequence += 1;
    this.#rendered.clear();
    this.#written.delete(id);
    const document = make(revision(generation, this.#sequence));
    this.#written.set(id, { sequence: this.#sequence, generation, number, document });
  }

  #numberOf(id: string): number | null {
    const number = Number(/(\d+)$/.exec(id)?.[1]);
    return number >= 1 && number <= this.#initialSize && this.#maker.id(number) === id ? number : null;
  }

  /** Opaque to readers, as in CouchDB, where a number is followed by an encoded state of the shards. */
  #token(sequence: number): string {
    return `${sequence}-${this.name}`;
  }
}
