import type { Json } from "#core/json";
import {
  isPause,
  type Partition,
  type PartitionRequest,
  type PartitionRouter,
  type PartitionsEnd,
  type Pause,
} from "#sources/manifest/partition/partition-router";
import { groupingPartitionRouter } from "#sources/manifest/partition/grouping-partition-router";
import { listPartitionRouter } from "#sources/manifest/partition/list-partition-router";
import { partitionRouter } from "#sources/manifest/partition/partition-router";
import { substreamPartitionRouter } from "#sources/manifest/partition/substream-partition-router";
import { unionPartitionRouter } from "#sources/manifest/partition/union-partition-router";
import { stream } from "#sources/manifest/stream/stream";
import { manifestScope } from "#test/support/manifest-scope";
import { fakeParent } from "./fake-parent.ts";

stream.join([fakeParent]);
partitionRouter.join([groupingPartitionRouter, listPartitionRouter, substreamPartitionRouter, unionPartitionRouter]);

export function routerOf(fields: Json, config: Record<string, Json> = {}): PartitionRouter {
  return partitionRouter.schema.parse(fields)(manifestScope(config));
}

export function issuesOf(fields: Json): string[] {
  const { error } = partitionRouter.schema.safeParse(fields);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

export const list = (field: string, values: Json, more: Record<string, Json> = {}): Json => ({
  type: "ListPartitionRouter",
  cursor_field: field,
  values,
  ...more,
});

/** One round; the positions go through JSON, as checkpoints do. */
export async function roundOf(
  router: PartitionRouter,
  request: Partial<PartitionRequest> = {},
): Promise<{ readonly shown: readonly Partition[]; readonly pauses: readonly Pause[]; readonly end: PartitionsEnd }> {
  const partitions = router.partitions({ position: null, inclusive: true, cursor: null, ...request });
  const shown: Partition[] = [];
  const pauses: Pause[] = [];
  for (;;) {
    const next = await partitions.next();
    if (next.done === true) return { shown, pauses, end: next.value };
    const position: Json = JSON.parse(JSON.stringify(next.value.position));
    if (isPause(next.value)) pauses.push({ ...next.value, position });
    else shown.push({ ...next.value, position });
  }
}

export async function namesOf(router: PartitionRouter, request: Partial<PartitionRequest> = {}) {
  const { shown } = await roundOf(router, request);
  return shown.map(({ partition }) => partition);
}
