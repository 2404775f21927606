import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { project, type SyncRecord } from "#records/projection";
import { NO_COUNTS } from "#core/job";
import { browserLike } from "#test/support/browser-like";
import { httpClient } from "#test/support/http-client";
import { newTenant } from "#test/support/tenant";

function aConnection(organizationId: string, index: number): SyncRecord[] {
  const id = crypto.randomUUID();
  const shared = { version: 1, organizationId, createdAt: index };
  const jobs = [1, 2, 3].map((number) => {
    const times = { createdAt: number, startedAt: number, completedAt: number + 1_000, wakeAt: null };
    const kinds = { status: "COMPLETED", trigger: "schedule", mode: "full", error: null, errorCategory: null } as const;
    return {
      kind: "job",
      id: crypto.randomUUID(),
      connectionId: id,
      counts: NO_COUNTS,
      ...shared,
      ...times,
      ...kinds,
    } as const;
  });
  const connection = {
    kind: "connection",
    id,
    collectionId: "default",
    name: `Connection ${index}`,
    shortName: "stub",
    status: "active",
    entityCount: index,
    modifiedAt: index,
    deletedAt: null,
    nextRunAt: null,
    wakeAt: null,
    isPaused: false,
    ...shared,
  } as const;
  return [connection, ...jobs];
}

/** D1, and how many statements were made for it. */
function counted(db: D1Database): { readonly db: D1Database; readonly count: () => number } {
  let count = 0;
  const handler: ProxyHandler<D1Database> = {
    get(target, name) {
      if (name === "prepare") count += 1;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  };
  return { db: new Proxy(db, handler), count: () => count };
}

test("a thousand connections are one page, and two queries: whose key it is, and all of them with their jobs", async () => {
  const { id, key } = await newTenant(httpClient());
  const records = Array.from({ length: 1000 }, (_, index) => aConnection(id, index)).flat();
  for (let at = 0; at < records.length; at += 500) await project(env.DB, records.slice(at, at + 500));
  const { db, count } = counted(env.DB);
  const browser = browserLike({ env: { DB: db } });
  await browser.signIn(key);
  const before = count();
  const { html } = await browser.get("/");
  expect(count() - before).toBe(2);
  expect(html.match(/<tr data-words=/g)).toHaveLength(1000);
  expect(html.match(/Last 3 syncs: 3 completed/g)).toHaveLength(1000);
  expect(html.length).toBeLessThan(1_500_000);
});
