import { Hono } from "hono";

import { openGate } from "#connection/gate";
import { FakeConnections } from "#test/support/fake-connection";
import { sweep } from "#triggers/sweep";

interface SweepBindings {
  readonly DB: D1Database;
  readonly SOURCE_CONNECTION: Cloudflare.Env["SOURCE_CONNECTION"];
}

/** What a sweep did and what D1 counted for it. */
export interface SweepCost {
  readonly due: number;
  readonly started: number;
  readonly queries: number;
  readonly rowsRead: number;
}

const CHUNK = 10_000;
const LIMIT = 800;
/** Calls at a time; the bare objects are called alike. */
export const SWEEP_CONCURRENCY = 5;
const DAY_MS = 86_400_000;

/** Sweeps over a D1 with many connections in it. */
export const sweepRoutes = new Hono<{ Bindings: SweepBindings }>();

/** Fills D1 with `count` connections due tomorrow and `due` that are due now; none of them has an object. */
sweepRoutes.post("/fill", async ({ env, req, json }) => {
  const { count, due } = await req.json<{ count: number; due: number }>();
  for (let from = 0; from < count; from += CHUNK) {
    await insert(env.DB, "later", from, Math.min(from + CHUNK, count), Date.now() + DAY_MS);
  }
  await insert(env.DB, "due", 0, due, Date.now() - 1);
  return json({});
});

sweepRoutes.post("/clear", async ({ env, json }) => {
  await env.DB.exec("DELETE FROM source_connections WHERE id LIKE 'bench-due-%'");
  return json({});
});

/** The sweep alone: objects that answer from memory. */
sweepRoutes.post("/dry", async ({ env, json }) => {
  const fakes = new FakeConnections(env.DB);
  return json(await measured(env.DB, (db) => sweepOnce(db, (id) => fakes.at(id))));
});

/** The sweep as it is, with the objects it calls. */
sweepRoutes.post("/real", async ({ env, json }) =>
  json(
    await measured(env.DB, (db) =>
      sweepOnce(db, (id) => openGate(env.SOURCE_CONNECTION, id, () => crypto.randomUUID())),
    ),
  ),
);

function sweepOnce(db: D1Database, gate: Parameters<typeof sweep>[0]["gate"]) {
  return sweep({ db, gate, now: () => Date.now(), limit: LIMIT, concurrency: SWEEP_CONCURRENCY });
}

async function insert(db: D1Database, name: string, from: number, to: number, dueAt: number): Promise<void> {
  await db
    .prepare(
      `WITH RECURSIVE number (value) AS (SELECT ?2 UNION ALL SELECT value + 1 FROM number WHERE value + 1 < ?3)
       INSERT INTO source_connections (id, version, organization_id, collection_id, name, short_name, status,
         entity_count, created_at, modified_at, next_run_at)
       SELECT 'bench-' || ?1 || '-' || value, 1, 'bench', 'default', 'Bench', 'stub', 'active', 0, 0, 0, ?4 + value
       FROM number`,
    )
    .bind(name, from, to, dueAt - (name === "due" ? to : 0))
    .run();
}

/** Runs `work` with a D1 that counts its queries and the rows they read. */
async function measured(
  db: D1Database,
  work: (db: D1Database) => Promise<{ due: number; started: number }>,
): Promise<SweepCost> {
  const cost = { queries: 0, rowsRead: 0 };
  const counted = <T extends D1Result>(result: T): T => {
    cost.queries += 1;
    cost.rowsRead += result.meta.rows_read;
    return result;
  };
  const statement = (inner: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(inner, {
      get(target, name) {
        if (name === "bind") return (...values: unknown[]) => statement(target.bind(...values));
        if (name === "all") return async () => counted(await target.all());
        if (name === "run") return async () => counted(await target.run());
        throw new Error(`The sweep uses ${String(name)}, which is not counted.`);
      },
    });
  const countingDb = new Proxy(db, {
    get(target, name) {
      if (name === "prepare") return (sql: string) => statement(target.prepare(sql));
      throw new Error(`The sweep uses ${String(name)}, which is not counted.`);
    },
  });
  const { due, started } = await work(countingDb);
  return { due, started, ...cost };
}
