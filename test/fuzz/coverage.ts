import type { ApiOperation } from "./api-document.ts";

/** What each operation was answered with. */
export class Coverage {
  readonly #byOperation = new Map<string, Map<number, number>>();

  count(operationId: string, status: number): void {
    const statuses = this.#byOperation.get(operationId) ?? new Map<number, number>();
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    this.#byOperation.set(operationId, statuses);
  }

  /** How many answers had this status, in the order of statuses. */
  statuses(): ReadonlyMap<number, number> {
    const all = new Map<number, number>();
    for (const statuses of this.#byOperation.values()) {
      for (const [status, times] of statuses) all.set(status, (all.get(status) ?? 0) + times);
    }
    return new Map([...all].toSorted(([one], [other]) => one - other));
  }

  /** Operations that have done nothing: whatever went to them was refused, so nothing behind the door was tried. */
  unreached(operations: readonly ApiOperation[]): string[] {
    return operations.flatMap(({ id }) => {
      const statuses = [...(this.#byOperation.get(id)?.keys() ?? [])];
      return statuses.some((status) => status >= 200 && status < 300) ? [] : [id];
    });
  }
}
