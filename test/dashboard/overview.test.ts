import { describe, expect, test } from "vitest";

import { overviewOf, type OverviewRequest } from "#dashboard/overview";
import type { OverviewItemBody } from "#http/schemas/source-connection";

const ALL: OverviewRequest = { filter: "all", search: "", sort: "attention" };

function anItem(overrides: Partial<OverviewItemBody>): OverviewItemBody {
  return {
    id: "550e8400-e29b-41d4-a716-446655440000",
    name: "Orders",
    short_name: "stub",
    readable_collection_id: "default",
    created_at: "2026-03-01T00:00:00.000Z",
    modified_at: "2026-03-01T00:00:00.000Z",
    is_authenticated: true,
    entity_count: 0,
    federated_search: false,
    auth_method: "direct",
    status: "active",
    is_paused: false,
    next_run: null,
    last_error: null,
    recent_jobs: [],
    ...overrides,
  };
}

function aSync(at: string): Partial<OverviewItemBody> {
  const counts = { entities_inserted: 0, entities_updated: 0, entities_deleted: 0 };
  return { recent_jobs: [{ id: at, status: "COMPLETED", created_at: at, duration_seconds: 1, ...counts }] };
}

const ITEMS = [
  anItem({ name: "beta", status: "active", entity_count: 5, ...aSync("2026-03-03T00:00:00.000Z") }),
  anItem({ name: "Alpha", status: "active", short_name: "github", created_at: "2026-03-02T00:00:00.000Z" }),
  anItem({ name: "delta", status: "error", ...aSync("2026-03-04T00:00:00.000Z") }),
  anItem({ name: "epsilon", status: "needs_reauth", entity_count: 9 }),
  anItem({ name: "zeta", status: "active", is_paused: true }),
  anItem({ name: "gamma", status: "syncing", readable_collection_id: "sales" }),
];

function names(request: Partial<OverviewRequest>): string[] {
  return overviewOf(ITEMS, { ...ALL, ...request }).map(({ name }) => name);
}

describe("the overview", () => {
  test("shows first what needs somebody, and the others by name", () => {
    expect(names({})).toEqual(["epsilon", "delta", "gamma", "Alpha", "beta", "zeta"]);
  });

  test.each([
    ["name", ["Alpha", "beta", "delta", "epsilon", "gamma", "zeta"]],
    ["entities", ["epsilon", "beta", "Alpha", "delta", "gamma", "zeta"]],
  ] as const)("is sorted by %s", (sort, expected) => {
    expect(names({ sort })).toEqual(expected);
  });

  test("is sorted by last sync and by age, the newest first", () => {
    expect(names({ sort: "last-sync" }).slice(0, 2)).toEqual(["delta", "beta"]);
    expect(names({ sort: "newest" })[0]).toBe("Alpha");
  });

  test("is filtered by state, and by words in name, source or collection", () => {
    expect(names({ filter: "trouble" })).toEqual(["epsilon", "delta"]);
    expect(names({ filter: "syncing" })).toEqual(["gamma"]);
    expect(names({ filter: "healthy" })).toEqual(["Alpha", "beta"]);
    expect(names({ filter: "paused" })).toEqual(["zeta"]);
    expect(names({ search: " ALPHA  git " })).toEqual(["Alpha"]);
    expect(names({ search: "sales" })).toEqual(["gamma"]);
    expect(names({ search: "sales", filter: "healthy" })).toEqual([]);
  });
});
