import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { openEvents } from "#events/gate";
import { everyMinute } from "#triggers/every-minute";
import { FakeConnections } from "#test/support/fake-connection";

const NOW = Date.UTC(2026, 2, 15, 9, 30);

const db = env.DB;
let connections: FakeConnections;
beforeEach(async () => {
  connections = new FakeConnections(db);
  await db
    .prepare(
      `INSERT OR REPLACE INTO source_connections (id, version, organization_id, collection_id, name, short_name, status,
         entity_count, created_at, modified_at, next_run_at) VALUES ('due', 1, 'o', 'c', 'n', 's', 'active', 0, 0, 0, ?)`,
    )
    .bind(NOW)
    .run();
});
afterEach(() => vi.restoreAllMocks());

test.each(["sync_jobs", "delivery_looks", "waiting_events"])(
  "schedules have their turn, though D1 fails at what comes before them about %s",
  async (table) => {
    const prepare = db.prepare.bind(db);
    const failed = vi.fn<(query: string) => void>();
    vi.spyOn(db, "prepare").mockImplementation((query) => {
      if (!query.includes(table)) return prepare(query);
      failed(query);
      throw new Error("D1 is away.");
    });
    const reach = {
      gate: (id: string) => connections.at(id),
      events: (organizationId: string) => openEvents(env.EVENT_DELIVERY, organizationId),
    };
    await everyMinute(env, reach, () => NOW);
    expect(failed).toHaveBeenCalledOnce();
    expect(connections.calls).toEqual([{ method: "fire", id: "due", request: NOW }]);
  },
);
