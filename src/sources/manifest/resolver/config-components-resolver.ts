import { z } from "zod";

import { SourceFailure } from "#sources/source";
import { defineComponent } from "#sources/manifest/component";
import { valueAt } from "#sources/manifest/record/path";
import { isRecord, setField, type MutableRecord } from "#sources/manifest/record/record";
import { text } from "#sources/manifest/text";
import { componentMapping } from "./component-mapping.ts";
import type { ComponentsResolver } from "./components-resolver.ts";
import { MAX_DYNAMIC_STREAMS } from "./dynamic-stream.ts";
import { fillIn } from "./fill-in.ts";

const streamConfig = z.object({
  configs_pointer: z.array(text),
  default_values: z.array(z.json()).nullish(),
});

/** A stream for each entry of a list in the config; of several lists, for each combination. */
export const configComponentsResolver = defineComponent({
  type: "ConfigComponentsResolver",
  fields: z.object({
    stream_config: z.union([z.array(streamConfig), streamConfig]),
    components_mapping: z.array(componentMapping),
  }),
  build(fields, scope): ComponentsResolver {
    const mappings = fields.components_mapping.map((mapping) => mapping(scope, { readsYaml: true, creates: true }));
    const lists = [fields.stream_config].flat().map(({ configs_pointer: pointer, default_values: defaults }) => {
      const path = pointer.map((part) => part(scope).text());
      const found = path.length === 0 ? scope.config : valueAt(scope.config, path);
      const entries: unknown[] = Array.isArray(found) ? found : found === undefined ? [] : [found];
      return [...entries, ...(defaults ?? [])];
    });
    return {
      resolve: async (template) =>
        combinations(lists).map((values) => fillIn(template, mappings, { components_values: values })),
    };
  },
});

function combinations(lists: readonly (readonly unknown[])[]): MutableRecord[] {
  if (lists.reduce((count, { length }) => count * length, 1) > MAX_DYNAMIC_STREAMS) {
    throw new SourceFailure({
      kind: "bad_request",
      message: `The config makes more than ${MAX_DYNAMIC_STREAMS} streams of a dynamic stream.`,
      final: true,
    });
  }
  return lists.reduce<MutableRecord[]>(
    (combined, list, index) =>
      combined.flatMap((values) => list.map((entry, number) => withEntry(values, entry, [index, number]))),
    [{}],
  );
}

/** What is no object has a name of its own. */
function withEntry(values: MutableRecord, entry: unknown, [list, number]: readonly [number, number]): MutableRecord {
  const combined = { ...values };
  if (!isRecord(entry)) setField(combined, `source_config_${list}`, [number, entry]);
  else for (const [name, value] of Object.entries(entry)) setField(combined, name, value);
  return combined;
}
