import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";

/*
 * Runs before each test file in workerd. They share the runtime, since to start one takes longer than most of them, and
 * with it D1 and the objects: each begins with a database of its own, and calls the objects by names of its own.
 */
vi.useRealTimers();
vi.restoreAllMocks();

const { results } = await env.DB.prepare(
  String.raw`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\_cf%' ESCAPE '\'`,
).all<{ name: string }>();
if (results.length > 0) {
  const drops = results.map(({ name }) => env.DB.prepare(`DROP TABLE "${name}"`));
  await env.DB.batch([env.DB.prepare("PRAGMA defer_foreign_keys = on"), ...drops]);
}
await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
