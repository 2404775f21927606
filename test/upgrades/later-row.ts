/** Documents whose members are not Sluice's own to name. */
const FOREIGN = new Set(["config", "payload", "cursor", "endCursor", "checkpoint"]);

/** The same, with something in every object that only a later release knows of. */
function fromTheFuture(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromTheFuture);
  if (typeof value !== "object" || value === null) return value;
  const known = Object.entries(value).map(([key, member]) => [key, FOREIGN.has(key) ? member : fromTheFuture(member)]);
  // Where all are numbers they may be counts by kind, and a kind that only the later release knows is counted too.
  const isCounts = known.length > 0 && known.every(([, member]) => typeof member === "number");
  return { ...Object.fromEntries(known), from_the_future: isCounts ? 1 : { is: ["unknown"] } };
}

/** A row whose documents say more than this release knows. The copy's are the source's, and stay. */
export function laterRow(statement: string): string {
  if (!statement.startsWith("INSERT INTO") || statement.startsWith("INSERT INTO entities")) return statement;
  return statement.replaceAll(/'([[{].*?[\]}])'(?=[,)])/g, (_all, json: string) => {
    const document: unknown = JSON.parse(json.replaceAll("''", "'"));
    return `'${JSON.stringify(fromTheFuture(document)).replaceAll("'", "''")}'`;
  });
}
