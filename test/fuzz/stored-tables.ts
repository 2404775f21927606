/** A table of D1 or of an object, as it is at a moment. */
export interface StoredTable {
  readonly name: string;
  /** As JSON, in an order of their own. */
  readonly rows: readonly string[];
}

export interface Contents {
  /** Everything that there is, so that a difference is a change. */
  readonly text: string;
  /** Apart from it, the rows in which an address that is open to everyone counts what came in. */
  readonly counts: readonly string[];
}

export function contentsOf(tables: readonly StoredTable[]): Contents {
  return {
    text: tables.flatMap(({ name, rows }) => [name, ...rows.filter((row) => !isDeliveryCount(name, row))]).join("\n"),
    counts: tables.flatMap(({ name, rows }) => rows.filter((row) => isDeliveryCount(name, row))),
  };
}

/** The owner of the address sees there what became of each delivery, of those too that were refused. */
function isDeliveryCount(table: string, row: string): boolean {
  return table === "hook_deliveries" || (table === "documents" && row.startsWith('{"key":"hook_counts",'));
}

/** Does this row only say that something was refused? It has no part in what is remembered, and stands for no job. */
export function countsRefusal(row: string): boolean {
  return (
    row.startsWith('{"key":"hook_counts",') ||
    (row.includes('"outcome":"refused"') && row.includes('"delivery_id":null,"job_id":null'))
  );
}

/** The two texts around the place from which on they differ. */
export function difference(before: string, after: string): string {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at += 1;
  const around = (text: string) => text.slice(Math.max(0, at - 150), at + 150);
  return `\n  before: …${around(before)}…\n  after:  …${around(after)}…`;
}
