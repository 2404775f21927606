import { z } from "zod";

import type { Json } from "#core/json";
import { defineComponent } from "#sources/manifest/component";
import { isRecord } from "#sources/manifest/record/record";
import { combineOptions, type RequestOptions } from "#sources/manifest/request-options";
import type { Page } from "#sources/source";
import { optionValue } from "./option-value.ts";
import { parentStreamConfig, type Parent } from "./parent-stream-config.ts";
import { uniqueKeys } from "./partition-key.ts";
import type { Partition, PartitionRequest, PartitionRouter, PartitionsEnd, Pause } from "./partition-router.ts";
import { json, restored } from "./position.ts";

const positionSchema = z.object({
  /** Which of the parents is being read. */
  parent: z.int(),
  /** The parent's checkpoint before the page that the partition is from. */
  page: json,
  /** The partition's on that page; null for what stands before the page's first. */
  key: z.string().nullable(),
  /** What the parents before ended with. */
  cursors: z.array(json),
  /** Have all their records been shown? */
  complete: z.boolean(),
});
type Position = z.infer<typeof positionSchema>;

/** By the names of the parents that are read from a cursor. */
const cursorSchema = z.record(z.string(), json).nullable();

/** A partition for each record of a parent stream, or of several. Holds one page of a parent at a time. */
export const substreamPartitionRouter = defineComponent({
  type: "SubstreamPartitionRouter",
  fields: z.object({ parent_stream_configs: z.array(parentStreamConfig).min(1) }),
  build(fields, scope): PartitionRouter {
    const parents = fields.parent_stream_configs.map((parent) => parent(scope));
    return {
      partitions: (request) => new ParentsRead(parents, request).partitions(),
      options: (slice) => combineOptions(distinct(parents.flatMap((parent) => optionOf(parent, slice)))),
    };
  },
});

class ParentsRead {
  readonly #parents: readonly Parent[];
  readonly #inclusive: boolean;
  readonly #before: Readonly<Record<string, Json>>;
  readonly #cursors: Json[];
  #complete: boolean;
  /** Where to go on; null once that page has been reached. */
  #resume: Position | null;

  constructor(parents: readonly Parent[], { position, inclusive, cursor }: PartitionRequest) {
    this.#parents = parents;
    this.#inclusive = inclusive;
    this.#before = restored(cursorSchema, cursor) ?? {};
    this.#resume = position === null ? null : restored(positionSchema, position);
    this.#cursors = [...(this.#resume?.cursors ?? [])];
    this.#complete = this.#resume?.complete ?? true;
  }

  async *partitions(): AsyncGenerator<Partition | Pause, PartitionsEnd, undefined> {
    const first = this.#resume?.parent ?? 0;
    for (const [index, parent] of this.#parents.entries()) {
      if (index >= first) yield* this.#parent(parent, index);
    }
    return { cursor: this.#cursorAfter(), complete: this.#complete };
  }

  async *#parent(parent: Parent, index: number): AsyncGenerator<Partition | Pause, void, undefined> {
    const cursor = parent.isDependency ? this.#cursorOf(index) : null;
    let checkpoint = this.#resume?.page ?? null;
    let end: Page["end"] = null;
    let isWhole = true;
    for await (const page of parent.stream.read({ cursor, checkpoint })) {
      const shared = { parent: index, page: checkpoint, cursors: [...this.#cursors], complete: this.#complete };
      yield* this.#page(parent, page, shared);
      isWhole &&= page.records.every(isRecord);
      checkpoint = page.checkpoint;
      if (page.end === null && page.resumeAt !== undefined) {
        yield { resumeAt: page.resumeAt, position: { ...shared, page: checkpoint, key: null } };
      }
      end = page.end ?? end;
    }
    // Without an end the parent was cut off: the next round reads it from where this one began.
    this.#cursors.push(parent.isDependency ? (end === null ? cursor : end.cursor) : null);
    this.#complete &&= isWhole && cursor === null && end?.complete === true;
  }

  *#page(parent: Parent, page: Page, shared: Omit<Position, "key">): Generator<Partition, void, undefined> {
    const found = page.records.flatMap((record) => (isRecord(record) ? (parent.partitionOf(record) ?? []) : []));
    const keys = uniqueKeys(found.map(({ partition }) => partition));
    const first = this.#skipped(keys);
    for (const [at, { partition, extraFields }] of found.entries()) {
      if (at < first) continue;
      const position = { ...shared, key: keys[at] ?? "" };
      yield { partition, extraFields, position, ...(parent.isDependency ? { isPassed: true } : {}) };
    }
  }

  /** How many of the page's partitions were shown before; none if the one to go on with is not among them any more. */
  #skipped(keys: readonly string[]): number {
    const resume = this.#resume;
    this.#resume = null;
    if (resume === null || resume.key === null) return 0;
    const at = keys.indexOf(resume.key);
    return at === -1 || this.#inclusive ? Math.max(0, at) : at + 1;
  }

  #cursorOf(index: number): Json {
    const name = this.#nameOf(index);
    return Object.hasOwn(this.#before, name) ? (this.#before[name] ?? null) : null;
  }

  /** Null where no parent is read from a cursor. */
  #cursorAfter(): Json {
    const entries = this.#parents.flatMap(({ isDependency }, index): [string, Json][] =>
      isDependency ? [[this.#nameOf(index), this.#cursors[index] ?? null]] : [],
    );
    return entries.length === 0 ? null : Object.fromEntries(entries);
  }

  /** A stream can be a parent twice, by two of its fields. */
  #nameOf(index: number): string {
    const name = this.#parents[index]?.stream.name ?? "";
    const same = this.#parents.slice(0, index).filter(({ stream }) => stream.name === name).length;
    return same === 0 ? name : `${name}#${same + 1}`;
  }
}

function optionOf(
  { option, partitionField }: Parent,
  slice: Parameters<PartitionRouter["options"]>[0],
): RequestOptions[] {
  const value = optionValue(slice, partitionField);
  return option === null || value === null ? [] : [option.inject(value)];
}

/** Several parents usually send their partition's value the same way. */
function distinct(options: readonly RequestOptions[]): RequestOptions[] {
  return [...new Map(options.map((option) => [JSON.stringify(option), option])).values()];
}
