import { env } from "cloudflare:workers";

/** Storages that hold something; D1 and the two kinds of objects. */
type StorageName = "d1" | "connection" | "events";

/** What a release of Sluice has written: storages as it left them in the middle of a sync. */
export interface Fixture {
  readonly release: string;
  /** Of D1, that had been applied. */
  readonly migrations: number;
  /** The connection's id. */
  readonly connectionId: string;
  /** The job that was at work. */
  readonly jobId: string;
  /** Where a consumer of the change feed stood after the first job. */
  readonly cursor: string;
  /** The statements that make each storage what it was; none where the release had no such storage. */
  readonly statements: Readonly<Record<StorageName, readonly string[]>>;
}

/** Oldest first. */
export const FIXTURES: readonly Fixture[] = env.UPGRADE_FIXTURES.map(({ release, text }) => {
  const [head = "", ...storages] = text.split("\n-- storage: ");
  const said = new Map(head.split("\n").map((line) => pairOf(line)));
  const texts = new Map(storages.map((storage) => [storage.slice(0, storage.indexOf("\n")), storage]));
  const fact = (name: string): string => {
    const value = said.get(name);
    if (value === undefined) throw new Error(`The fixture ${release} does not say its ${name}.`);
    return value;
  };
  const statementsOf = (name: StorageName) => statementsIn(texts.get(name) ?? "");
  return {
    release,
    migrations: Number(fact("migrations")),
    connectionId: fact("connection"),
    jobId: fact("job"),
    cursor: fact("cursor"),
    statements: { d1: statementsOf("d1"), connection: statementsOf("connection"), events: statementsOf("events") },
  };
});

function pairOf(line: string): [string, string] {
  const [name = "", value = ""] = line.replace("-- ", "").split(": ");
  return [name, value];
}

function statementsIn(text: string): string[] {
  return text
    .slice(text.indexOf("\n"))
    .split(/;\n(?=CREATE|INSERT|\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}

/** Puts D1 back to where the release left it. */
export async function restoreD1({ statements }: Fixture): Promise<void> {
  await dropTables();
  await env.DB.batch(statements.d1.map((statement) => env.DB.prepare(statement)));
}

export async function dropTables(): Promise<void> {
  const { results } = await env.DB.prepare(
    `SELECT name FROM sqlite_master WHERE type = 'table'
     AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_cf%' ESCAPE '\\'`,
  ).all<{ name: string }>();
  if (results.length > 0) await env.DB.batch(results.map(({ name }) => env.DB.prepare(`DROP TABLE "${name}"`)));
}

/** Applies D1's migrations from behind `from` on. */
export async function migrateD1(from: number): Promise<void> {
  for (const { queries } of env.TEST_MIGRATIONS.slice(from)) {
    for (const query of queries) await env.DB.prepare(query).run();
  }
}
