import { Hono } from "hono";

import worker, { EventDelivery as RealDelivery, SourceConnection as RealConnection } from "#index";
import type { SluiceEvent } from "#core/event";
import { Fate, haveMercy, type Misfortune, type Mortal } from "./mortal-object.ts";
import { healD1, troubleD1, troubledD1, writeLate, type D1Trouble } from "./troubled-d1.ts";

/** Sources that expect something of who asks them are told when that came to life. */
async function tellOfLife(env: object, id: string): Promise<void> {
  const address = "CHAOS_LIVES" in env ? String(env.CHAOS_LIVES) : "";
  // They go before the Worker does.
  await fetch(`${address}/${id}`).catch(() => undefined);
}

/** The Worker's environment with a database that can be troubled. */
function troubled<Env extends { readonly DB: D1Database }>(env: Env): Env {
  return { ...env, DB: troubledD1(env.DB) };
}

export class SourceConnection extends RealConnection implements Mortal {
  readonly #fate: Fate;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    const fate = new Fate(ctx);
    super(ctx, troubled(env));
    this.#fate = fate;
    // Before it does anything, so that whatever it asks a source comes after.
    void ctx.blockConcurrencyWhile(() => tellOfLife(env, ctx.id.toString()));
  }

  suffer(misfortune: Misfortune): Promise<void> {
    return this.#fate.suffer(misfortune, () => this.alarm());
  }

  /** What the change feed has of each job, whether it was overtaken since or not. */
  async feedTotals(): Promise<{ jobId: string; upserts: number; deletes: number }[]> {
    const rows = this.ctx.storage.sql.exec<{ job_id: string; upserts: number; deletes: number }>(
      `SELECT job_id, sum(json_array_length(upserts)) AS upserts, sum(json_array_length(deletes)) AS deletes
       FROM changes GROUP BY job_id`,
    );
    return rows.toArray().map(({ job_id: jobId, upserts, deletes }) => ({ jobId, upserts, deletes }));
  }

  /** What each entry of the change feed deleted. */
  async deletesInFeed(): Promise<{ jobId: string; stream: string; ids: unknown }[]> {
    const rows = this.ctx.storage.sql.exec<{ job_id: string; stream: string; deletes: string }>(
      `SELECT job_id, name AS stream, deletes FROM changes
       JOIN streams ON streams.value ->> '$.number' = changes.stream WHERE deletes <> '[]'`,
    );
    return rows.toArray().map(({ job_id: jobId, stream, deletes }) => ({ jobId, stream, ids: JSON.parse(deletes) }));
  }

  /** The keys that what it stores is sealed with. */
  async sealedWith(): Promise<string[]> {
    const rows = this.ctx.storage.sql.exec<{ key: string }>(
      `SELECT value ->> '$.credentials.keyId' AS key FROM documents WHERE key = 'connection'
       UNION SELECT value ->> '$.keyId' FROM documents WHERE key = 'keepsakes'
       UNION SELECT value ->> '$.secrets.keyId' FROM documents WHERE key = 'hook'`,
    );
    return rows.toArray().map(({ key }) => key);
  }

  /** But for those that the runtime has made for itself. */
  async tables(): Promise<string[]> {
    const tables = this.ctx.storage.sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'");
    return tables
      .toArray()
      .map(({ name }) => name)
      .filter((name) => !name.startsWith("_"));
  }

  async alarmAt(): Promise<number | null> {
    return this.ctx.storage.getAlarm();
  }

  /** The releases that have migrated its tables. */
  async releases(): Promise<number> {
    const columns = this.ctx.storage.sql.exec<{ name: string }>("PRAGMA table_info(documents)").toArray();
    return columns.filter(({ name }) => name.startsWith("release_")).length;
  }

  /** How much D1 has yet to be told. */
  async untold(): Promise<number> {
    return this.ctx.storage.sql.exec<{ records: number }>("SELECT count(*) AS records FROM outbox").one().records;
  }
}

export class EventDelivery extends RealDelivery implements Mortal {
  readonly #fate: Fate;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    const fate = new Fate(ctx);
    super(ctx, troubled(env));
    this.#fate = fate;
  }

  suffer(misfortune: Misfortune): Promise<void> {
    return this.#fate.suffer(misfortune, () => this.alarm());
  }

  /** The keys that the secrets of subscriptions are sealed with. */
  async sealedWith(): Promise<string[]> {
    const rows = this.ctx.storage.sql.exec<{ key: string }>(
      "SELECT DISTINCT value ->> '$.secret.keyId' AS key FROM subscriptions",
    );
    return rows.toArray().map(({ key }) => key);
  }

  override async publish(organizationId: string, events: readonly SluiceEvent[]): Promise<void> {
    if (this.#fate.isAway) throw new Error("The deliveries are away.");
    await super.publish(organizationId, events);
  }
}

interface ChaosBindings {
  readonly DB: D1Database;
  readonly SOURCE_CONNECTION: {
    idFromName(name: string): { toString(): string };
    getByName(
      name: string,
    ): Pick<
      SourceConnection,
      "suffer" | "feedTotals" | "deletesInFeed" | "alarmAt" | "releases" | "untold" | "sealedWith" | "tables"
    >;
  };
  readonly EVENT_DELIVERY: { getByName(name: string): Pick<EventDelivery, "suffer" | "sealedWith"> };
}

/** How the harness reaches behind the Worker under test. Reads D1 as it is, whatever trouble it is in. */
const chaos = new Hono<{ Bindings: ChaosBindings }>().basePath("/chaos");

chaos.post("/d1/:kind/:ms", ({ req, json }) => {
  troubleD1(troubleNamed(req.param("kind")), Number(req.param("ms")));
  return json({});
});
chaos.post("/heal", ({ json }) => {
  haveMercy();
  healD1();
  return json({});
});
chaos.post("/late", async ({ json }) => {
  return json({ writes: await writeLate() });
});
chaos.post("/connections/:name", async ({ env, req, json }) => {
  await env.SOURCE_CONNECTION.getByName(req.param("name")).suffer(await req.json<Misfortune>());
  return json({});
});
chaos.post("/events/:name", async ({ env, req, json }) => {
  await env.EVENT_DELIVERY.getByName(req.param("name")).suffer(await req.json<Misfortune>());
  return json({});
});
chaos.get("/events/:name", async ({ env, req, json }) => {
  return json({ sealedWith: await env.EVENT_DELIVERY.getByName(req.param("name")).sealedWith() });
});
chaos.get("/connections/:name", async ({ env, req, json }) => {
  const name = req.param("name");
  const object = env.SOURCE_CONNECTION.getByName(name);
  const objectId = env.SOURCE_CONNECTION.idFromName(name).toString();
  return json({
    objectId,
    deletes: await object.deletesInFeed(),
    feed: await object.feedTotals(),
    releases: await object.releases(),
    sealedWith: await object.sealedWith(),
    // The alarm last: what it is set for may be what the other is emptied by.
    untold: await object.untold(),
    alarmAt: await object.alarmAt(),
  });
});
/** What an object that is to be empty has still. */
chaos.get("/remains/:name", async ({ env, req, json }) => {
  const object = env.SOURCE_CONNECTION.getByName(req.param("name"));
  return json({ tables: await object.tables(), alarmAt: await object.alarmAt() });
});
chaos.get("/records/:connection", async ({ env, req, json }) => {
  const of = (query: string) => env.DB.prepare(query).bind(req.param("connection")).all();
  const jobs = await of("SELECT * FROM sync_jobs WHERE source_connection_id = ? ORDER BY id DESC");
  const connections = await of("SELECT * FROM source_connections WHERE id = ?");
  return json({ jobs: jobs.results, connection: connections.results[0] ?? null });
});
/** Brings forward what the watchdog looks at, as if minutes had passed. */
chaos.post("/minutes/:count", async ({ env, req, json }) => {
  const ms = Number(req.param("count")) * 60_000;
  await env.DB.batch(
    [
      "UPDATE delivery_looks SET look_at = look_at - ?",
      "UPDATE sync_jobs SET wake_at = wake_at - ?",
      "UPDATE source_connections SET wake_at = wake_at - ?",
    ].map((query) => env.DB.prepare(query).bind(ms)),
  );
  return json({});
});
/** Every schedule is due by D1's account, as where what it was told arrives late. */
chaos.post("/due", async ({ env, json }) => {
  await env.DB.prepare("UPDATE source_connections SET next_run_at = 0").run();
  return json({});
});
/** What is going on by D1's account: asking an object would wake it. Of a deleted one it waits to hear that it is empty. */
chaos.get("/active", async ({ env, json }) => {
  const active = await env.DB.prepare(
    `SELECT (SELECT count(*) FROM sync_jobs WHERE completed_at IS NULL) AS jobs,
       (SELECT count(*) FROM source_connections WHERE wake_at IS NOT NULL AND deleted_at IS NULL) AS waiting`,
  ).first();
  return json(active);
});
chaos.get("/jobs/:id", async ({ env, req, json }) => {
  const job = await env.DB.prepare("SELECT completed_at FROM sync_jobs WHERE id = ?").bind(req.param("id")).first();
  return json({ isEnded: job !== null && job["completed_at"] !== null });
});
chaos.get("/totals", async ({ env, json }) => {
  const totals = await env.DB.prepare("SELECT status, sum(jobs) AS jobs FROM job_totals GROUP BY status").all();
  return json({ totals: totals.results });
});

function troubleNamed(name: string): D1Trouble {
  switch (name) {
    case "failing":
    case "read_only":
    case "slow":
    case "silent":
    case "forgetful":
    case "late":
      return name;
    default:
      throw new Error(`There is no trouble "${name}".`);
  }
}

/** One for each environment: the Worker reads its variables once for each. */
const environments = new WeakMap<object, Cloudflare.Env>();

function environmentOf(env: Cloudflare.Env): Cloudflare.Env {
  const known = environments.get(env) ?? troubled(env);
  environments.set(env, known);
  return known;
}

export default {
  fetch: (request, env, context) =>
    new URL(request.url).pathname.startsWith("/chaos/")
      ? chaos.fetch(request, env, context)
      : worker.fetch(request, environmentOf(env)),
  scheduled: (controller, env, _context) => worker.scheduled(controller, environmentOf(env)),
} satisfies ExportedHandler<Cloudflare.Env>;
