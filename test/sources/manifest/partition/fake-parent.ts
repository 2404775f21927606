import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { setPartitionOf } from "#sources/manifest/partition/record-partition";
import type { ManifestStream } from "#sources/manifest/stream/stream";
import type { Page } from "#sources/source";

/** What a fake parent was asked for. */
export interface Asked {
  readonly stream: string;
  readonly cursor: unknown;
  readonly checkpoint: unknown;
  /** Pages that were taken of it. */
  pages: number;
}

export const asked: Asked[] = [];

const jsonObject = z.record(z.string(), z.json());

/** A parent stream whose pages stand in the manifest. It goes on after a page by the page's number. */
export const fakeParent = defineComponent({
  type: "FakeParent",
  fields: z.object({
    name: z.string(),
    pages: z.array(z.array(z.json())),
    /** Of its own, where it is partitioned itself. */
    partition: jsonObject.default({}),
    end: z.object({ cursor: z.json(), complete: z.boolean() }).nullable().default({ cursor: null, complete: true }),
    waitsFor: z.number().nullable().default(null),
  }),
  build: ({ name, pages, partition, end, waitsFor }): ManifestStream => ({
    name,
    primaryKey: [["id"]],
    incremental: true,
    cursorField: null,
    origin: null,
    newestIn: () => null,
    async *read({ cursor, checkpoint }): AsyncGenerator<Page> {
      const log = { stream: name, cursor, checkpoint, pages: 0 };
      asked.push(log);
      const first = z.number().nullable().parse(checkpoint) ?? 0;
      for (const [at, records] of pages.entries()) {
        if (at < first) continue;
        const copies = records.map((record) => structuredClone(record));
        for (const record of copies) {
          if (typeof record === "object" && record !== null) setPartitionOf(record, partition);
        }
        log.pages += 1;
        const isLast = at === pages.length - 1;
        const page = { records: copies, tombstones: [], checkpoint: at + 1, end: isLast ? end : null };
        yield waitsFor === null || isLast ? page : { ...page, resumeAt: waitsFor };
      }
    },
  }),
});
