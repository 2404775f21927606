import { z } from "zod";

import type { Json, JsonObject } from "#core/json";
import type { Definition } from "#sources/manifest/component";
import { contextOf, type Scope } from "#sources/manifest/scope";
import { str } from "#sources/manifest/python/text";
import { admit } from "#sources/manifest/python/value";
import {
  interpolateNestedRequestInput,
  interpolateRequestInput,
  type Interpolated,
} from "#sources/manifest/template/interpolated-mapping";
import type { TemplateContext } from "#sources/manifest/template/template";
import { text } from "#sources/manifest/text";

/** What a field of a requester comes out as for a request. */
export type Evaluated = (context: TemplateContext) => unknown;

/** A number in an address or a form is what it was written as: "007" and "1.10" stay those. */
const TEXT_OR_LIST = { validKeyTypes: ["str"], validValueTypes: ["str", "list"] } as const;

const scalars = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** All of it as one text; or a dict, where that is how the text reads. */
export const writtenText: z.ZodType<Definition<Evaluated>> = text.transform((definition): Definition<Evaluated> => {
  return (scope) => {
    const whole = definition(scope);
    return (context) => whole.value(context);
  };
});

/** Names and texts with expressions in both, for a query or a form. What comes out as nothing is left out. */
export const formFields: z.ZodType<Definition<Evaluated>> = scalars.superRefine(checkTexts).transform(
  (fields): Definition<Evaluated> =>
    (scope) =>
      within(scope, interpolateRequestInput(asTexts(fields), scope.compile, TEXT_OR_LIST)),
);

/** A JSON document with expressions anywhere in it, or a text that reads as one. Null fields of objects are left out. */
export const document: z.ZodType<Definition<Evaluated>> = z
  .union([z.string(), z.record(z.string(), z.json())])
  .superRefine(checkTexts)
  .transform(
    (value: Json): Definition<Evaluated> =>
      (scope) =>
        within(scope, interpolateNestedRequestInput(value, scope.compile)),
  );

function within(scope: Scope, interpolated: Interpolated<unknown>): Evaluated {
  return (context) => interpolated.evaluate(contextOf(scope, context));
}

/** Manifests write numbers and booleans bare where the schema has texts. */
function asTexts(fields: z.output<typeof scalars>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, str(admit(value))]),
  );
}

/** Reports expressions that are wrong, wherever in a document they stand. */
function checkTexts(value: Json, context: z.RefinementCtx, path: readonly string[] = []): void {
  const check = (source: string, at: readonly string[]) => {
    for (const { message } of text.safeParse(source).error?.issues ?? []) {
      context.addIssue({ code: "custom", message, path: [...at] });
    }
  };
  if (typeof value === "string") return check(value, path);
  if (typeof value !== "object" || value === null || JSON.isRawJSON(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) check(name, [...path, name]);
    checkTexts(inner, context, [...path, name]);
  }
}
