import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { isRecord, replaceFields, type MutableRecord } from "#sources/manifest/record/record";
import type { Transformation } from "./transformation.ts";

export const flattenFields = defineComponent({
  type: "FlattenFields",
  fields: z.object({ flatten_lists: z.boolean().default(true) }),
  build: ({ flatten_lists: flattensLists }): Transformation => ({
    apply: (record) => replaceFields(record, flattened(record, flattensLists)),
  }),
});

/**
 * The innermost values under the names of their fields. A name that is taken already, and everything that comes after
 * a list, has the names of what is around it in front. The last field goes first: so it decides who gets the short name.
 */
function flattened(record: MutableRecord, flattensLists: boolean): ReadonlyMap<string, unknown> {
  const stack: [unknown, string][] = [[record, "_"]];
  const result = new Map<string, unknown>();
  let isInList = false;
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [value, name] = next;
    if (isRecord(value)) {
      for (const [key, inner] of Object.entries(value)) {
        stack.push([inner, result.has(key) || isInList ? `${name}.${key}` : key]);
      }
    } else if (Array.isArray(value) && flattensLists) {
      for (const [index, inner] of value.entries()) {
        isInList = true;
        stack.push([inner, `${name}.${index}`]);
      }
    } else {
      result.set(name, value);
    }
  }
  return result;
}
