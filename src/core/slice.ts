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

/**
 * May another page be asked for? Pages under way count as a request each, so that streams read side by side do
 * not overspend together.
 */
export function hasBudget(budget: SliceBudget, used: SliceUsage, pagesUnderWay: number): boolean {
  return used.ms < budget.ms && used.requests + pagesUnderWay < budget.requests && used.bytes < budget.bytes;
}
