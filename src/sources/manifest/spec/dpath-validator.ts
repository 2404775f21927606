import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { placesAt } from "#sources/manifest/record/path";
import { text } from "#sources/manifest/text";
import { validationStrategy, type ConfigValidation } from "./config-rule.ts";

/** Every value at a path; where there is none, there is nothing to refuse. */
export const dpathValidator = defineComponent({
  type: "DpathValidator",
  fields: z.object({ field_path: z.array(text).min(1), validation_strategy: validationStrategy.schema }),
  build(fields, scope): ConfigValidation {
    const strategy = fields.validation_strategy(scope);
    const path = fields.field_path.map((part) => part(scope).text());
    return {
      faults: (config) =>
        placesAt(config, path).flatMap(({ value }) =>
          strategy.faults(value).map((fault) => `${path.join(".")}: ${fault}`),
        ),
    };
  },
});
