import { env } from "cloudflare:workers";

import { parseFixture, type Fixture } from "./fixture-text.ts";

/** Oldest first. */
export const FIXTURES: readonly Fixture[] = env.UPGRADE_FIXTURES.map(parseFixture);

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
