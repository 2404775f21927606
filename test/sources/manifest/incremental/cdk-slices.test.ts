import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";

import { datetimeBasedCursor } from "#sources/manifest/incremental/datetime-based-cursor";
import { manifestScope } from "#test/support/manifest-scope";

/** How the CDK cut time into slices; made by ../oracle/generate/slices.py. */
const tableSchema = z.array(
  z.object({
    now: z.string(),
    cursor: z.record(z.string(), z.json()),
    state: z.union([z.object({ updated: z.string() }).strict(), z.object({ slices: z.array(z.unknown()) })]).nullable(),
    slices: z.array(z.tuple([z.string(), z.string()])),
    error: z.object({ message: z.string() }).optional(),
  }),
);

const table = tableSchema
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "../oracle/slices.json"), "utf8")))
  // A state of many finished slices is the CDK's own way to resume a read; here the checkpoint does that.
  .flatMap(({ state, ...one }) => {
    if (state !== null && "slices" in state) return [];
    return [{ ...one, since: state?.updated ?? null, name: JSON.stringify([one.now, one.cursor, state]) }];
  });

describe("windows", () => {
  it("has cases to compare", () => {
    expect(table.length).toBeGreaterThan(120);
  });

  it.for(table.filter(({ error }) => error === undefined))(
    "are the CDK's slices: $name",
    ({ now, cursor, since, slices }) => {
      const at = Date.parse(now);
      const windows = datetimeBasedCursor.schema
        .parse(cursor)(manifestScope({}, { now: () => at }))
        .windows(since, at);
      expect(windows.map(({ cursorSlice }) => Object.values(cursorSlice))).toEqual(slices);
    },
  );

  it("are refused at check where the CDK fails", () => {
    const refused = table.filter(({ error }) => error !== undefined);
    expect(refused.filter(({ cursor }) => datetimeBasedCursor.schema.safeParse(cursor).success)).toEqual([]);
  });
});
