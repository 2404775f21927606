/** What one alarm invocation may use before it hands over to the next. */
export interface SliceBudget {
  readonly ms: number;
  /** Requests to the source, redirects included. */
  readonly requests: number;
  /** Response bytes. */
  readonly bytes: number;
}

/** What it has used. */
export interface SliceUsage {
  readonly ms: number;
  readonly requests: number;
  readonly bytes: number;
}

/** May another page be asked for, where as many requests as are `reserved` have to be left for others? */
export function hasBudget(budget: SliceBudget, used: SliceUsage, reserved: number): boolean {
  return used.ms < budget.ms && used.requests + reserved < budget.requests && used.bytes < budget.bytes;
}
