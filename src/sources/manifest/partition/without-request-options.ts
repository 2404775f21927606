import { z } from "zod";

import type { Definition } from "#sources/manifest/component";
import { partitionRouter, type PartitionRouter } from "./partition-router.ts";

const optionsOf = z
  .object({
    request_option: z.unknown(),
    parent_stream_configs: z.array(z.object({ request_option: z.unknown() }).catch({ request_option: null })).catch([]),
  })
  .partial();

/** A router inside another one that does not send its request options: that it has some is a mistake. */
export function withoutRequestOptions(reason: string): z.ZodType<Definition<PartitionRouter>> {
  return z
    .unknown()
    .superRefine((router, context) => {
      const { data } = optionsOf.safeParse(router);
      const refuse = (path: (string | number)[]) =>
        context.addIssue({
          code: "custom",
          path: [...path, "request_option"],
          message: `Not sent here, since ${reason}: use stream_partition in the requester instead.`,
        });
      if (isSet(data?.request_option)) refuse([]);
      for (const [index, parent] of (data?.parent_stream_configs ?? []).entries()) {
        if (isSet(parent.request_option)) refuse(["parent_stream_configs", index]);
      }
    })
    .pipe(partitionRouter.schema);
}

function isSet(field: unknown): boolean {
  return field !== undefined && field !== null;
}
