import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { validationStrategy, type ConfigValidation } from "./config-rule.ts";

/** A value that the manifest makes of the config, or has itself. */
export const predicateValidator = defineComponent({
  type: "PredicateValidator",
  fields: z.object({ value: z.json(), validation_strategy: validationStrategy.schema }),
  build({ value, validation_strategy: definition }, scope): ConfigValidation {
    const strategy = definition(scope);
    return {
      faults: (config) =>
        strategy.faults(typeof value === "string" ? scope.compile(value).evaluate({ config }) : value),
    };
  },
});
