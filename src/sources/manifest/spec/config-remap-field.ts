import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { valueAt } from "#sources/manifest/record/path";
import { isRecord, setField } from "#sources/manifest/record/record";
import { text } from "#sources/manifest/text";
import type { ConfigTransformation } from "./config-rule.ts";

export const configRemapField = defineComponent({
  type: "ConfigRemapField",
  fields: z.object({ field_path: z.array(text).min(1), map: z.record(z.string(), z.json()) }),
  build(fields, scope): ConfigTransformation {
    return {
      transform(config) {
        const path = fields.field_path.map((part) => part(scope).text({ config }));
        const container = path.length === 1 ? config : valueAt(config, path.slice(0, -1));
        const name = path.at(-1) ?? "";
        const value = isRecord(container) && Object.hasOwn(container, name) ? container[name] : undefined;
        if (!isRecord(container) || typeof value !== "string" || !Object.hasOwn(fields.map, value)) return;
        const mapped = fields.map[value] ?? null;
        setField(container, name, typeof mapped === "string" ? scope.compile(mapped).evaluate({ config }) : mapped);
      },
    };
  },
});
