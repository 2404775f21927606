import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { replaceFields } from "#sources/manifest/record/record";
import type { Transformation } from "./transformation.ts";

export const keysToLower = defineComponent({
  type: "KeysToLower",
  fields: z.object({}),
  build: (): Transformation => ({
    apply: (record) =>
      replaceFields(
        record,
        Object.entries(record).map(([key, value]): [string, unknown] => [key.toLowerCase(), value]),
      ),
  }),
});
