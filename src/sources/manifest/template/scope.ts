/** What is known of names while a template is compiled. */
export class Scope {
  readonly #declared: Set<string>;
  /** Names read from the context; shared by all scopes of a template. */
  readonly reads: Set<string>;
  /** Of them those that are called, and where in the template first; shared likewise. */
  readonly calls: Map<string, number>;

  constructor(outer?: Scope) {
    this.reads = outer?.reads ?? new Set();
    this.calls = outer?.calls ?? new Map();
    this.#declared = new Set(outer === undefined ? [] : outer.#declared);
  }

  inner(): Scope {
    return new Scope(this);
  }

  declare(name: string): void {
    this.#declared.add(name);
  }

  /** After branches of which one is taken: only what each of them sets is surely set. */
  merge(branches: readonly Scope[]): void {
    const [first, ...others] = branches;
    if (first === undefined) return;
    for (const name of first.#declared) {
      if (others.every((branch) => branch.#declared.has(name))) this.#declared.add(name);
    }
  }

  read(name: string): void {
    if (!this.#declared.has(name)) this.reads.add(name);
  }

  call(name: string, at: number): void {
    if (!this.#declared.has(name) && !this.calls.has(name)) this.calls.set(name, at);
  }
}
