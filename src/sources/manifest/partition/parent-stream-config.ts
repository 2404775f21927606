import { z } from "zod";

import type { Json, JsonObject } from "#core/json";
import type { Definition } from "#sources/manifest/component";
import { valueAt } from "#sources/manifest/record/path";
import { requestOption, type RequestOption } from "#sources/manifest/requester/request-option";
import { stream, type ManifestStream } from "#sources/manifest/stream/stream";
import { text } from "#sources/manifest/text";
import { partitionOf } from "./record-partition.ts";
import { toJson } from "./to-json.ts";

/** The name that a partition has its parent's own partition under. */
const PARENT_SLICE = "parent_slice";

/** The extra field that a child's records are taken from which came with the parent's. */
const CHILD_RESPONSE = "child_response";

/** A stream whose records are partitions of another. */
export interface Parent {
  readonly stream: ManifestStream;
  readonly partitionField: string;
  readonly option: RequestOption | null;
  /** Is the parent read from its cursor, so that only parents that changed are partitions? */
  readonly isDependency: boolean;
  /** Null for a record without the parent's key, which has no children to ask for. */
  partitionOf(record: Record<string, unknown>): ParentPartition | null;
}

export interface ParentPartition {
  readonly partition: JsonObject;
  readonly extraFields: JsonObject;
}

const fields = z.object({
  stream: stream.schema,
  parent_key: text,
  partition_field: text,
  request_option: requestOption.nullish(),
  incremental_dependency: z.boolean().nullish(),
  extra_fields: z.array(z.array(text).min(1)).nullish(),
  lazy_read_pointer: z
    .array(
      z
        .unknown()
        .refine((name) => !String(name).includes("*"), "The path to children that came with a parent can't have a '*'.")
        .pipe(text),
    )
    .nullish(),
});

export const parentStreamConfig: z.ZodType<Definition<Parent>> = fields.transform((parts) => (scope) => {
  // As dpath reads it: names, divided by slashes.
  const key = parts
    .parent_key(scope)
    .text()
    .split("/")
    .filter((name) => name !== "");
  const partitionField = parts.partition_field(scope).text();
  const pathOf = (path: readonly Definition<{ text(): string }>[]) => path.map((name) => name(scope).text());
  const extra = (parts.extra_fields ?? []).map(pathOf);
  const pointer = pathOf(parts.lazy_read_pointer ?? []);
  return {
    stream: parts.stream(scope),
    partitionField,
    option: parts.request_option?.(scope) ?? null,
    isDependency: parts.incremental_dependency === true,
    partitionOf(record) {
      const value = toJson(valueAt(record, key) ?? null);
      if (value === null) return null;
      const extraFields: [string, Json][] = extra.map((path) => [
        path.join("."),
        toJson(valueAt(record, path) ?? null),
      ]);
      const child: [string, Json][] =
        pointer.length === 0 ? [] : [[CHILD_RESPONSE, toJson(valueAt(record, pointer) ?? [])]];
      return {
        partition: Object.fromEntries<Json>([
          [partitionField, value],
          [PARENT_SLICE, partitionOf(record)],
        ]),
        extraFields: Object.fromEntries([...child, ...extraFields]),
      };
    },
  };
});
