import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseExactly } from "#core/exact-json";
import { isJsonObject } from "#core/json";
import {
  closePartition,
  cursorStateSchema,
  finishState,
  NO_STATE,
  sinceOf,
  type CursorState,
} from "#sources/manifest/incremental/cursor-state";
import { partitionKey } from "#sources/manifest/partition/partition-key";

const compare = (a: string, b: string) => Number(a) - Number(b);
const earlier = (value: string, ms: number) => String(Number(value) - ms / 1000);
const COMPLETE = { cursor: null, complete: true };

interface Job {
  readonly isGlobal?: boolean;
  readonly complete?: boolean;
  readonly elapsedMs?: number;
  readonly end?: string;
}

type Closed = readonly [partition: Record<string, number | string>, observed: string | null];

/** A job over some partitions; what it changed goes through JSON before each page, as checkpoints do. */
function job(before: CursorState, closed: readonly Closed[], terms: Job = {}): CursorState {
  const { isGlobal = false, complete = true, elapsedMs = 0, end = null } = terms;
  let changes = NO_STATE;
  for (const [partition, observed] of closed) {
    const holder = { partition };
    const now = closePartition(changes, { before, holder, observed, end, incremental: { compare, isGlobal } });
    changes = cursorStateSchema.parse(JSON.parse(JSON.stringify(now)));
  }
  const over = { incremental: { compare, earlier }, end: { ...COMPLETE, complete }, elapsedMs };
  return cursorStateSchema.parse(JSON.parse(JSON.stringify(finishState(before, changes, over))));
}

const at = (state: CursorState, id: number, isGlobal = false) => sinceOf(state, { partition: { id } }, isGlobal);
const partitions = (count: number): Closed[] => Array.from({ length: count }, (_, id) => [{ id }, String(1000 + id)]);

describe("a stream without partitions", () => {
  it("goes on at the newest value it saw", () => {
    const state = job(NO_STATE, [[{}, "20"]]);
    expect(sinceOf(state, { partition: {} }, false)).toBe("20");
    expect(sinceOf(job(state, [[{}, null]]), { partition: {} }, false)).toBe("20");
    expect(sinceOf(job(state, [[{}, "10"]]), { partition: {} }, false)).toBe("20");
  });

  it("does not go on past what was read, whatever a record claims", () => {
    expect(sinceOf(job(NO_STATE, [[{}, "9999"]], { end: "50" }), { partition: {} }, false)).toBe("50");
  });
});

describe("partitions", () => {
  it("go on where each of them got to; one that had nothing begins again", () => {
    const state = job(NO_STATE, [
      [{ id: 1 }, "20"],
      [{ id: 2 }, null],
      [{ id: 3 }, "30"],
    ]);
    expect([1, 2, 3].map((id) => at(state, id))).toEqual(["20", null, "30"]);
  });

  it("begin at the start when they are new, whatever the others saw: their records can be older", () => {
    const state = job(NO_STATE, [[{ id: 1 }, "20"]]);
    expect(at(state, 2)).toBeNull();
    const global = job(NO_STATE, [[{ id: 1 }, "20"]], { isGlobal: true });
    expect(at(global, 2, true)).toBeNull();
  });

  it("are the same however their fields are ordered", () => {
    const state = job(NO_STATE, [[{ a: 1, b: 2 }, "20"]]);
    expect(sinceOf(state, { partition: { b: 2, a: 1 } }, false)).toBe("20");
    expect(sinceOf(state, { partition: { a: "1", b: 2 } }, false)).toBeNull();
  });

  it("keep their cursor through a job that did not show them", () => {
    const state = job(job(NO_STATE, [[{ id: 1 }, "20"]]), [[{ id: 2 }, "30"]], { complete: false });
    expect(at(state, 1)).toBe("20");
  });

  it("never move backwards, and end at the newest value that was seen", () => {
    const reads = fc.array(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.option(fc.integer({ min: 0, max: 100 }))), {
        maxLength: 12,
      }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(reads, fc.boolean(), (jobs, isGlobal) => {
        let state = NO_STATE;
        const newest = new Map<number, number>();
        const shown = new Set<number>();
        for (const read of jobs) {
          const before = [0, 1, 2, 3, 4, 5].map((id) => at(state, id, isGlobal));
          const closed = read.map(([id, value]): Closed => [{ id }, value === null ? null : String(value)]);
          state = job(state, closed, { isGlobal, complete: false });
          for (const [id, value] of read) {
            shown.add(id);
            if (value !== null) newest.set(id, Math.max(value, newest.get(id) ?? 0));
          }
          const after = before.map((_, id) => at(state, id, isGlobal));
          const isBehind = (id: number) => Number(after[id] ?? -1) < Number(before[id] ?? -1);
          expect(before.filter((_, id) => isBehind(id))).toEqual([]);
          const own = before.map((_, id) => (newest.has(id) ? String(newest.get(id)) : null));
          const overall = newest.size === 0 ? null : String(Math.max(...newest.values()));
          const shared = before.map((_, id) => (shown.has(id) ? overall : null));
          expect(after).toEqual(isGlobal ? shared : own);
        }
      }),
    );
  });
});

describe("a cursor that partitions share", () => {
  const shared = { isGlobal: true };

  it("begins as long before the newest value as the read took, since some were read that much earlier", () => {
    const closed: Closed[] = [
      [{ id: 1 }, "20"],
      [{ id: 2 }, null],
    ];
    expect(at(job(NO_STATE, closed, { ...shared, elapsedMs: 4_100 }), 2, true)).toBe("15");
    expect(at(job(NO_STATE, closed, shared), 1, true)).toBe("20");
  });

  it("stays where nothing was seen", () => {
    const state = job(NO_STATE, [[{ id: 1 }, "20"]], shared);
    expect(at(job(state, [[{ id: 1 }, null]], { ...shared, elapsedMs: 9_000 }), 1, true)).toBe("20");
  });

  it("is not for a partition that was away: what happened to it meanwhile can be older", () => {
    const both: Closed[] = [
      [{ id: 1 }, "20"],
      [{ id: 2 }, "20"],
    ];
    const without = job(job(NO_STATE, both, shared), [[{ id: 1 }, "30"]], shared);
    expect(at(without, 2, true)).toBeNull();
    const unknown = job(job(NO_STATE, both, shared), [[{ id: 1 }, "30"]], { ...shared, complete: false });
    expect(at(unknown, 2, true)).toBe("30");
  });

  it("is for a group whose members are all known, however they are grouped", () => {
    const incremental = { compare, earlier, isGlobal: false };
    let changes = NO_STATE;
    for (const holder of [group(1, 2), group(3)]) {
      changes = closePartition(changes, { before: NO_STATE, holder, observed: "20", end: null, incremental });
    }
    const state = finishState(NO_STATE, changes, { incremental, end: COMPLETE, elapsedMs: 0 });
    expect(sinceOf(state, group(2, 3), false)).toBe("20");
    expect(sinceOf(state, group(1, 4), false)).toBeNull();
  });

  it("is not one to begin with where values say nothing about time", () => {
    const incremental = { compare, earlier: () => null, isGlobal: true };
    const closed = { before: NO_STATE, holder: { partition: { id: 1 } }, observed: "20", end: null, incremental };
    const changes = closePartition(NO_STATE, closed);
    expect(at(finishState(NO_STATE, changes, { incremental, end: COMPLETE, elapsedMs: 0 }), 1, true)).toBeNull();
  });
});

const group = (...ids: number[]) => ({ partition: { id: ids }, members: ids.map((id) => ({ id })) });

function closeAll(before: CursorState, closed: readonly Closed[]): CursorState {
  const incremental = { compare, isGlobal: false };
  return closed.reduce<CursorState>(
    (changes, [partition, observed]) =>
      closePartition(changes, { before, holder: { partition }, observed, end: null, incremental }),
    NO_STATE,
  );
}

function finish(before: CursorState, changes: CursorState): CursorState {
  return finishState(before, changes, { incremental: { compare, earlier }, end: COMPLETE, elapsedMs: 2_000 });
}

describe("the limit of partitions that are kept apart", () => {
  const full = finish(NO_STATE, closeAll(NO_STATE, partitions(5_000)));

  it("is 5,000, in a small state", () => {
    expect(full.isPastLimit).toBe(false);
    expect(at(full, 4_999)).toBe("5999");
    const dated = { ...full, partitions: full.partitions.map(([key]) => [key, "2026-03-01T00:00:00.000000+0000"]) };
    expect(JSON.stringify(dated).length).toBeLessThan(300_000);
  });

  it("is not reached by reading the same partitions again, nor by a page that is shown twice", () => {
    const again = closeAll(
      full,
      [...partitions(5_000), ...partitions(50)].map(([partition]) => [partition, "9999"]),
    );
    expect(finish(full, again).isPastLimit).toBe(false);
    const twice = closeAll(NO_STATE, [...partitions(3_000), ...partitions(3_000)]);
    expect(finish(NO_STATE, twice).partitions).toHaveLength(3_000);
  });

  it("once passed, all begin at the newest value less what the read took, and the state is tiny", () => {
    const past = finish(full, closeAll(full, [[{ id: 5_000 }, "8000"]]));
    expect(past.isPastLimit).toBe(true);
    expect([0, 4_999, 5_000, 6_000].map((id) => at(past, id))).toEqual(["7998", "7998", "7998", "7998"]);
    expect(JSON.stringify(past).length).toBeLessThan(300);
    expect(at(finish(past, closeAll(past, [[{ id: 1 }, null]])), 1)).toBe("7998");
  });
});

describe("partitionKey", () => {
  it("tells a hundred thousand partitions apart", () => {
    const keys = new Set<string>();
    for (let id = 0; id < 50_000; id += 1) {
      keys.add(partitionKey({ id, parent_slice: {} }));
      keys.add(partitionKey({ id: String(id), parent_slice: {} }));
    }
    expect(keys.size).toBe(100_000);
    expect([...keys].every((key) => key.length === 14)).toBe(true);
  });

  it("is the number's own where a double can't hold it", () => {
    const [one, other] = ["12345678901234567890", "12345678901234567891"].map((digits) =>
      parseExactly(`{"id":${digits}}`),
    );
    expect(isJsonObject(one) && isJsonObject(other) && partitionKey(one) !== partitionKey(other)).toBe(true);
  });
});
