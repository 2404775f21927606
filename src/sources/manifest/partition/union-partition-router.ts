import { z } from "zod";

import type { Json } from "#core/json";
import { defineComponent } from "#sources/manifest/component";
import { NO_OPTIONS } from "#sources/manifest/request-options";
import { text } from "#sources/manifest/text";
import { SourceFailure } from "#sources/source";
import { eachStep } from "./each-step.ts";
import { partitionKey } from "./partition-key.ts";
import {
  isPause,
  type Partition,
  type PartitionRequest,
  type PartitionRouter,
  type PartitionsEnd,
  type Pause,
} from "./partition-router.ts";
import { json, restored } from "./position.ts";
import { SeenPartitions } from "./seen-partitions.ts";
import { withoutRequestOptions } from "./without-request-options.ts";

const positionSchema = z.object({
  /** Which of the routers is being read. */
  router: z.int(),
  position: json,
  /** What the routers before ended with. */
  cursors: z.array(json),
  /** Did they show all they have? */
  complete: z.boolean(),
});

const cursorsSchema = z.array(json).nullable();

/** The partitions of several routers one after the other, each value once. */
export const unionPartitionRouter = defineComponent({
  type: "UnionPartitionRouter",
  fields: z.object({
    partition_routers: z.array(withoutRequestOptions("a partition can come from any of the routers")).min(2),
    partition_field: text,
  }),
  build(fields, scope): PartitionRouter {
    const routers = fields.partition_routers.map((router) => router(scope));
    const field = fields.partition_field(scope).text();
    return {
      partitions: (request) => union(routers, { field, stream: scope.stream }, request),
      options: () => NO_OPTIONS,
    };
  },
});

async function* union(
  routers: readonly PartitionRouter[],
  { field, stream }: { readonly field: string; readonly stream: string },
  { position, inclusive, cursor }: PartitionRequest,
): AsyncGenerator<Partition | Pause, PartitionsEnd, undefined> {
  const at = position === null ? null : restored(positionSchema, position);
  const before = restored(cursorsSchema, cursor) ?? [];
  const seen = new SeenPartitions();
  const cursors: Json[] = [...(at?.cursors ?? [])];
  let complete = at?.complete ?? true;
  for (const [index, router] of routers.entries()) {
    if (at !== null && index < at.router) continue;
    const isResumed = at !== null && index === at.router;
    const partitions = router.partitions({
      position: isResumed ? at.position : null,
      inclusive: isResumed ? inclusive : true,
      cursor: before[index] ?? null,
    });
    const isComplete = complete;
    const end = yield* eachStep(partitions, function* (step) {
      const place = { router: index, position: step.position, cursors: [...cursors], complete: isComplete };
      if (isPause(step)) {
        yield { ...step, position: place };
        return;
      }
      const own = onlyField(step, field, stream);
      if (seen.isNew(partitionKey(own.partition))) yield { ...own, position: place };
    });
    cursors.push(end.cursor);
    complete &&= end.complete;
  }
  return { cursor: cursors.every((one) => one === null) ? null : cursors, complete };
}

/** What names the partition is the one field; the rest it knows beyond that. */
function onlyField({ partition, extraFields }: Partition, field: string, stream: string) {
  if (!Object.hasOwn(partition, field)) {
    throw new SourceFailure({
      kind: "bad_request",
      message: `The partitions of ${stream} need the field ${field}, and one has only ${Object.keys(partition).join(", ")}. Give all its routers the same partition_field.`,
      final: true,
    });
  }
  const { [field]: value = null, ...others } = partition;
  return { partition: Object.fromEntries([[field, value]]), extraFields: { ...extraFields, ...others } };
}
