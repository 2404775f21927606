import { z } from "zod";

import { condition } from "#sources/manifest/condition";
import { defineComponent } from "#sources/manifest/component";
import type { RecordFilter } from "./record-filter.ts";

export const conditionRecordFilter = defineComponent({
  type: "RecordFilter",
  fields: z.object({ condition: condition.default(() => () => NEVER) }),
  build(fields, scope): RecordFilter {
    const filter = fields.condition(scope);
    return { keeps: (record, context) => filter({ ...context, record }) };
  },
});

/** A filter without a condition keeps nothing, as with the Python CDK. */
const NEVER = () => false;
