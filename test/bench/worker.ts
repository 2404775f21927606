import { Hono } from "hono";

import worker from "#index";
import type { BareBindings, BareObject } from "./bare-object.ts";
import { eventRoutes } from "./event-routes.ts";
import { makeFaultsLoud } from "./loud-faults.ts";
import { manifestRoutes } from "./manifest-routes.ts";
import { SWEEP_CONCURRENCY, sweepRoutes } from "./sweep-routes.ts";

export { EventDelivery, SourceConnection } from "#index";
export { BareObject } from "./bare-object.ts";

makeFaultsLoud();

/** What the routes of the benchmark see. Of the objects under test they ask only what their storage costs. */
interface BenchBindings extends BareBindings {
  readonly BARE_OBJECT: DurableObjectNamespace<BareObject>;
  readonly SOURCE_CONNECTION: {
    getByName(name: string): { storageUsage(): Promise<{ rowsRead: number; rowsWritten: number }> };
  };
}

/** The Worker under test with routes beside it that do the bare minimum of the same, in the same isolate. */
const bench = new Hono<{ Bindings: BenchBindings }>().basePath("/bench");

bench.post("/prepare", async ({ env, json }) => {
  await env.DB.exec("CREATE TABLE IF NOT EXISTS bench_jobs (id TEXT PRIMARY KEY, status TEXT) WITHOUT ROWID");
  return json({});
});
bench.post("/tell", async ({ req, json }) => {
  console.error((await req.json<{ line: string }>()).line);
  return json({});
});
bench.post("/bare/:name/run", async ({ env, req, json }) =>
  json(await env.BARE_OBJECT.getByName(req.param("name")).run()),
);
bench.post("/bare/:name/load", async ({ env, req, json }) => {
  const { urls, authorization } = await req.json<{ urls: string[]; authorization: string }>();
  return json({ documents: await env.BARE_OBJECT.getByName(req.param("name")).load(urls, authorization) });
});
bench.post("/bare/:name/parse", async ({ env, req, json }) => {
  const { urls, authorization } = await req.json<{ urls: string[]; authorization: string }>();
  return json({ documents: await env.BARE_OBJECT.getByName(req.param("name")).parse(urls, authorization) });
});
bench.post("/bare/:name/upsert", async ({ env, req, json }) => {
  await env.BARE_OBJECT.getByName(req.param("name")).upsert();
  return json({});
});
bench.post("/bare/:name/send", async ({ env, req, json }) => {
  const { url, count } = await req.json<{ url: string; count: number }>();
  await env.BARE_OBJECT.getByName(req.param("name")).send(url, count);
  return json({});
});
bench.post("/bare-sweep", async ({ env, req, json }) => {
  const { count } = await req.json<{ count: number }>();
  const waiting = Array.from({ length: count }, (_, index) => index);
  const callSome = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await env.BARE_OBJECT.getByName(`sweep-${next}`).run();
    }
  };
  await Promise.all(Array.from({ length: SWEEP_CONCURRENCY }, callSome));
  return json({});
});
bench.route("/sweep", sweepRoutes);
bench.route("/events", eventRoutes);
bench.route("/manifest", manifestRoutes);
bench.get("/connections/:id/usage", async ({ env, req, json }) =>
  json(await env.SOURCE_CONNECTION.getByName(req.param("id")).storageUsage()),
);

export default {
  ...worker,
  fetch: (request, env, context) =>
    new URL(request.url).pathname.startsWith("/bench/")
      ? bench.fetch(request, env, context)
      : worker.fetch(request, env),
} satisfies ExportedHandler<Cloudflare.Env>;
