import { expect } from "vitest";

import { changePageSchema, entitySchema } from "#http/schemas/copy";
import type { Sluice } from "./sluice.ts";

/** Entities by stream and id. */
export type Copy = Map<string, Readonly<Record<string, unknown>>>;

/** The copy as the NDJSON export has it. */
export async function exportCopy(sluice: Sluice, id: string): Promise<Copy> {
  const answer = await sluice.call("GET", `/source-connections/${id}/entities/export`);
  expect(answer).toMatchObject({ status: 200 });
  const lines = answer.text.split("\n").filter((line) => line !== "");
  const entities = lines.map((line) => entitySchema.parse(JSON.parse(line)));
  const copy: Copy = new Map(entities.map(({ stream, id: entityId, data }) => [keyOf(stream, entityId), data]));
  // No entity is exported twice.
  expect(copy.size).toBe(entities.length);
  return copy;
}

/**
 * Applies the change feed after `since` (null: from its beginning) to `copy`, as a consumer would, and answers with
 * where the consumer goes on, and how many changes there were.
 */
export async function follow(
  sluice: Sluice,
  id: string,
  since: string | null,
  copy: Copy,
): Promise<{ readonly cursor: string; readonly upserts: number; readonly deletes: number }> {
  let cursor = since;
  let upserts = 0;
  let deletes = 0;
  for (;;) {
    const query = new URLSearchParams({ limit: "1000", ...(cursor === null ? {} : { since: cursor }) });
    const answer = await sluice.call("GET", `/source-connections/${id}/changes?${query.toString()}`);
    expect(answer).toMatchObject({ status: 200 });
    const page = changePageSchema.parse(answer.body);
    for (const { op, stream, id: entityId, entity } of page.changes) {
      if (op === "delete") {
        deletes += 1;
        copy.delete(keyOf(stream, entityId));
      } else {
        upserts += 1;
        if (entity !== null) copy.set(keyOf(stream, entityId), entity);
      }
    }
    cursor = page.next_cursor;
    if (!page.has_more) return { cursor, upserts, deletes };
  }
}

/** Whoever starts from nothing and follows the feed ends with exactly the copy: the promise, checked. */
export async function expectFeedToGiveTheCopy(sluice: Sluice, id: string): Promise<void> {
  const replayed: Copy = new Map();
  await follow(sluice, id, null, replayed);
  expectSameCopy(replayed, await exportCopy(sluice, id));
}

/** Compares size by size and entity by entity, so that a difference among thousands is readable. */
export function expectSameCopy(copy: Copy, expected: Copy): void {
  const missing = [...expected.keys()].filter((key) => !copy.has(key));
  const extra = [...copy.keys()].filter((key) => !expected.has(key));
  expect({ missing: missing.slice(0, 5), extra: extra.slice(0, 5) }).toEqual({ missing: [], extra: [] });
  for (const [key, data] of expected) expect({ key, data: copy.get(key) }).toEqual({ key, data });
}

export function keyOf(stream: string, entityId: string): string {
  return JSON.stringify([stream, entityId]);
}
