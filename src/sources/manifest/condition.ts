import { z } from "zod";

import { isTruth } from "#sources/manifest/template/condition";
import type { TemplateContext } from "#sources/manifest/template/template";
import type { Definition } from "./component.ts";
import { text } from "./text.ts";

/** What an expression says, for this occasion. */
export type Condition = (occasion?: TemplateContext) => boolean;

/** A field whose expression is true or false. Nothing, and what is undefined, is false. */
export const condition: z.ZodType<Definition<Condition>> = text.transform((definition): Definition<Condition> => {
  return (scope) => {
    const expression = definition(scope);
    return (occasion) => isTruth(expression.value(occasion, { default: "False" }));
  };
});

/** A condition that a component can do without: an empty one is none, and not one that is false. */
export const optionalCondition = z.union([z.literal("").transform(() => null), condition]).nullish();
