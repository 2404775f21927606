import type { JsonObject } from "#core/json";

/** Kept beside the records, which are the API's own and go into the copy as they are. */
const partitions = new WeakMap<object, JsonObject>();

/** Remembers which partition of its stream a record came from, for streams that have the record for a parent. */
export function setPartitionOf(record: object, partition: JsonObject): void {
  if (Object.keys(partition).length > 0) partitions.set(record, partition);
}

/** Empty where the record's stream is not partitioned. */
export function partitionOf(record: object): JsonObject {
  return partitions.get(record) ?? {};
}
