import type { DocumentMaker } from "#cli/sample-documents";

/** Documents 1 to `count` of a kind: what a database that nobody wrote to has, and so what its copy has to have. */
export interface Truth {
  readonly stream: string;
  readonly maker: DocumentMaker;
  readonly count: number;
}

/** Which of the documents have been met in what is read. A bit for each, so that millions take little memory. */
export class SeenOnce {
  readonly #truth: Truth;
  readonly #where: string;
  readonly #bits: Uint8Array;
  #count = 0;

  /** @param where what is read, for messages: `the export` */
  constructor(truth: Truth, where: string) {
    this.#truth = truth;
    this.#where = where;
    this.#bits = new Uint8Array((truth.count >> 3) + 1);
  }

  /** Throws unless it is one of the documents, as it is in the source, and has not been met before. */
  meet(stream: unknown, id: unknown, document: unknown): void {
    const { maker, count } = this.#truth;
    const number = typeof id === "string" ? Number(/\d+$/.exec(id)?.[0]) : Number.NaN;
    if (stream !== this.#truth.stream || !(number >= 1 && number <= count) || maker.id(number) !== id) {
      throw new Error(`${this.#where} has ${String(stream)} ${String(id)}, which the source has not.`);
    }
    if (JSON.stringify(document) !== maker.json(number)) {
      throw new Error(`${this.#where} has ${id} as ${JSON.stringify(document)}, not as ${maker.json(number)}.`);
    }
    const [place, bit] = [number >> 3, 1 << (number & 7)];
    const byte = this.#bits[place] ?? 0;
    if ((byte & bit) !== 0) throw new Error(`${this.#where} has ${id} twice.`);
    this.#bits[place] = byte | bit;
    this.#count += 1;
  }

  /** Throws unless all have been met. */
  expectAll(): void {
    const { count } = this.#truth;
    if (this.#count !== count) throw new Error(`${this.#where} has ${this.#count} of ${count} entities.`);
  }
}
