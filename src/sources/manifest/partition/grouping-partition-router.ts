import { z } from "zod";

import type { Json, JsonObject } from "#core/json";
import { defineComponent } from "#sources/manifest/component";
import { NO_OPTIONS } from "#sources/manifest/request-options";
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

/** The positions of a group's first and last member. */
const positionSchema = z.object({ first: json, last: json });

const PARENT_SLICE = "parent_slice";

/** Partitions of another router, several at a time, for APIs that take several ids in one request. */
export const groupingPartitionRouter = defineComponent({
  type: "GroupingPartitionRouter",
  fields: z.object({
    group_size: z.int().min(1).max(10_000),
    underlying_partition_router: withoutRequestOptions("a group stands for several partitions"),
    deduplicate: z.boolean().nullish(),
  }),
  build(fields, scope): PartitionRouter {
    const router = fields.underlying_partition_router(scope);
    const terms = { size: fields.group_size, deduplicates: fields.deduplicate !== false, stream: scope.stream };
    return {
      partitions: (request) => groups(router, terms, request),
      options: () => NO_OPTIONS,
    };
  },
});

interface Terms {
  readonly size: number;
  readonly deduplicates: boolean;
  readonly stream: string;
}

async function* groups(
  router: PartitionRouter,
  { size, deduplicates, stream }: Terms,
  { position, inclusive, cursor }: PartitionRequest,
): AsyncGenerator<Partition | Pause, PartitionsEnd, undefined> {
  const at = position === null ? null : restored(positionSchema, position);
  const members = router.partitions({
    position: (inclusive ? at?.first : at?.last) ?? null,
    inclusive,
    cursor,
  });
  const seen = new SeenPartitions();
  let group: Partition[] = [];
  const end = yield* eachStep(members, function* (member) {
    if (isPause(member)) {
      // A smaller group: to go on in the middle of one would mean to read its first members again.
      if (group.length > 0) yield grouped(group);
      group = [];
      const { resumeAt, position: place } = member;
      yield { resumeAt, position: { first: place, last: place } };
      return;
    }
    const field = onlyField(member.partition, stream);
    const key = partitionKey(Object.fromEntries([[field, member.partition[field] ?? null]]));
    if (deduplicates && !seen.isNew(key)) return;
    group.push(member);
    if (group.length < size) return;
    yield grouped(group);
    group = [];
  });
  if (group.length > 0) yield grouped(group);
  return end;
}

/** Each field with the list of the members' values. */
function grouped(group: readonly Partition[]): Partition {
  const partitions = group.map(({ partition }) => partition);
  const extras = group.map(({ extraFields }) => extraFields);
  return {
    partition: listed(Object.keys(partitions[0] ?? {}), partitions),
    extraFields: listed([...new Set(extras.flatMap((extra) => Object.keys(extra)))], extras),
    members: partitions,
    position: { first: group[0]?.position ?? null, last: group.at(-1)?.position ?? null },
  };
}

function listed(names: readonly string[], objects: readonly JsonObject[]): JsonObject {
  return Object.fromEntries(
    names.map((name): [string, Json] => [
      name,
      objects.map((one) => (Object.hasOwn(one, name) ? (one[name] ?? null) : null)),
    ]),
  );
}

function onlyField(partition: JsonObject, stream: string): string {
  const [field, ...others] = Object.keys(partition).filter((name) => name !== PARENT_SLICE);
  if (field !== undefined && others.length === 0) return field;
  throw new SourceFailure({
    kind: "bad_request",
    message: `The partitions of ${stream} can't be grouped: each needs exactly one field, and has ${[field, ...others].join(", ")}.`,
    final: true,
  });
}
