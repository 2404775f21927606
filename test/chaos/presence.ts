import type { Copy } from "./copy-check.ts";

/** What a source had when: it was there, went, and came back. Epoch milliseconds. */
export class Presence {
  #present: ReadonlySet<string> = new Set();
  readonly #goneSince = new Map<string, number>();
  readonly #absences: { readonly key: string; readonly from: number; readonly to: number }[] = [];

  /** Looks at what there is. To be called after each change, before the source answers again. */
  observe(truth: Copy, now: number): void {
    for (const key of this.#present) if (!truth.has(key)) this.#goneSince.set(key, now);
    for (const key of truth.keys()) {
      const from = this.#goneSince.get(key);
      if (from === undefined) continue;
      this.#absences.push({ key, from, to: now });
      this.#goneSince.delete(key);
    }
    this.#present = new Set(truth.keys());
  }

  /** Was there a moment between these at which it was not there? */
  wasAbsent(key: string, from: number, to: number): boolean {
    const goneSince = this.#goneSince.get(key);
    if (goneSince !== undefined) return goneSince <= to;
    if (!this.#present.has(key)) return true;
    return this.#absences.some((absence) => absence.key === key && absence.from <= to && absence.to >= from);
  }

  /** Did anything of this stream go between these? What is listed by number moves up then, and some of it is not seen. */
  hasLost(stream: string, from: number, to: number): boolean {
    const isOfIt = (key: string, at: number) => key.startsWith(`${stream}/`) && at >= from && at <= to;
    return (
      [...this.#goneSince].some(([key, at]) => isOfIt(key, at)) ||
      this.#absences.some((absence) => isOfIt(absence.key, absence.from))
    );
  }
}
