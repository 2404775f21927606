import { textOf, type SqlHolder } from "#storage/sql";

/** Every table and index as it was made, without remarks and spaces, by name. */
export function tablesIn({ sql }: SqlHolder): Record<string, string> {
  const rows = sql
    .exec(
      "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY name",
    )
    .toArray();
  return Object.fromEntries(rows.map((row) => [textOf(row, "name"), plain(textOf(row, "sql"))]));
}

export function plain(statement: string): string {
  return statement
    .replaceAll(/--.*$/gm, "")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/ ?([(),]) ?/g, "$1")
    .trim();
}
