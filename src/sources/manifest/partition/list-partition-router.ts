import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { NO_OPTIONS } from "#sources/manifest/request-options";
import { requestOption } from "#sources/manifest/requester/request-option";
import { text } from "#sources/manifest/text";
import { SourceFailure } from "#sources/source";
import { optionValue } from "./option-value.ts";
import { uniqueKeys } from "./partition-key.ts";
import type { PartitionRouter } from "./partition-router.ts";
import { toJson } from "./to-json.ts";

/** A partition for each value of a list. */
export const listPartitionRouter = defineComponent({
  type: "ListPartitionRouter",
  fields: z.object({
    /** A list as it is, or the template of one. */
    values: z.union([z.array(z.json()), text]),
    cursor_field: text,
    request_option: requestOption.nullish(),
  }),
  build({ values, ...fields }, scope): PartitionRouter {
    const field = fields.cursor_field(scope).text();
    const option = fields.request_option?.(scope) ?? null;
    const list = (): readonly unknown[] => {
      if (typeof values !== "function") return values;
      const source = values(scope);
      const found = source.value();
      if (Array.isArray(found)) return found;
      throw new SourceFailure({
        kind: "bad_request",
        message: `The partitions of ${scope.stream} come from "${source.source}", which is not a list. Correct the config, or the template.`,
        final: true,
      });
    };
    return {
      async *partitions({ position, inclusive }) {
        const partitions = list().map((value) => Object.fromEntries([[field, toJson(value)]]));
        const keys = uniqueKeys(partitions);
        // A list without the value that was read last is another list: it is read from its beginning.
        const at = typeof position === "string" ? keys.indexOf(position) : -1;
        const first = at === -1 || inclusive ? Math.max(0, at) : at + 1;
        for (const [index, partition] of partitions.entries()) {
          if (index >= first) yield { partition, extraFields: {}, position: keys[index] ?? null };
        }
        return { cursor: null, complete: true };
      },
      options(slice) {
        const value = optionValue(slice, field);
        return option === null || value === null ? NO_OPTIONS : option.inject(value);
      },
    };
  },
});
