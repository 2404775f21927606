import { env } from "cloudflare:workers";

import { textOf, type SqlHolder } from "#storage/sql";

// What SQLite and the platform keep for themselves is left out.
const TABLES = `SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
  AND name NOT LIKE 'd1_%' AND name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY type DESC, rowid`;

const columnsOf = (table: string) => `SELECT name FROM pragma_table_info('${table}')`;

const rowsOf = (table: string, columns: readonly string[]) =>
  `SELECT ${columns.map((column) => `quote("${column}")`).join(" || ', ' || ")} AS line FROM "${table}"`;

/** The statements that make an object's tables what they are. */
export function dumpObject({ sql }: SqlHolder): string[] {
  const texts = (statement: string, column: string) =>
    sql
      .exec(statement)
      .toArray()
      .map((row) => textOf(row, column));
  const tables = texts(`SELECT name FROM (${TABLES}) WHERE sql LIKE 'CREATE TABLE%'`, "name");
  const rows = tables.flatMap((table) => {
    const lines = texts(rowsOf(table, texts(columnsOf(table), "name")), "line");
    return lines.map((line) => insertInto(table, line));
  });
  return [...texts(TABLES, "sql"), ...rows];
}

/** Those that make D1's what they are. */
export async function dumpD1(): Promise<string[]> {
  const rows: string[] = [];
  for (const table of await textsInD1(`SELECT name FROM (${TABLES}) WHERE sql LIKE 'CREATE TABLE%'`, "name")) {
    const lines = await textsInD1(rowsOf(table, await textsInD1(columnsOf(table), "name")), "line");
    rows.push(...lines.map((line) => insertInto(table, line)));
  }
  return [...(await textsInD1(TABLES, "sql")), ...rows];
}

function insertInto(table: string, line: string): string {
  return `INSERT INTO ${table} VALUES (${line.replaceAll(/X'[0-9A-F]*'/g, readable)})`;
}

/** A blob without its long runs of zeros, which hide what else there is from people. */
function readable(blob: string): string {
  const parts = [...blob.slice(2, -1).matchAll(/((?:[0-9A-F]{2})*?)((?:00){32,}|$)/g)].flatMap(([, bytes, zeros]) => [
    ...(bytes === undefined || bytes === "" ? [] : [`'${bytes}'`]),
    ...(zeros === undefined || zeros === "" ? [] : [`format('%.${zeros.length}c', '0')`]),
  ]);
  return parts.length > 1 ? `unhex(${parts.join(" || ")})` : blob;
}

async function textsInD1(statement: string, column: string): Promise<string[]> {
  const { results } = await env.DB.prepare(statement).all();
  return results.map((row) => String(row[column]));
}
