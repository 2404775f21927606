/** One change of an entity, as people see it. */
export interface ShownChange {
  readonly kind: "added" | "edited" | "deleted";
  readonly stream: string;
  readonly id: string;
  /** What is worth saying about it: `city Oslo → Pune`. */
  readonly what: string;
}

const SIGNS = { added: "+", edited: "~", deleted: "-" } as const;

/**
 * ```
 *   +  people  person-0000301  Ada Novak
 *   ~  orders  order-0000007   status paid → shipped
 * ```
 */
export function renderChanges(changes: readonly ShownChange[]): string {
  const streamColumns = Math.max(0, ...changes.map(({ stream }) => stream.length));
  const idColumns = Math.max(0, ...changes.map(({ id }) => id.length));
  const line = ({ kind, stream, id, what }: ShownChange) =>
    `  ${SIGNS[kind]}  ${stream.padEnd(streamColumns)}  ${id.padEnd(idColumns)}  ${what}`.trimEnd();
  return changes.map(line).join("\n");
}

/** Names the fields that differ, with both values. Fields that begin with `_` belong to the database, not to people. */
export function describeEdit(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string {
  const names = Object.keys({ ...before, ...after }).filter((name) => !name.startsWith("_"));
  return names
    .filter((name) => show(before[name]) !== show(after[name]))
    .map((name) => `${name}: ${show(before[name])} → ${show(after[name])}`)
    .join(", ");
}

function show(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "none");
}
