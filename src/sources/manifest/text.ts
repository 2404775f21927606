import { z } from "zod";

import { TemplateError } from "#sources/manifest/template/template-error";
import { compileTemplate, type EvaluationOptions, type TemplateContext } from "#sources/manifest/template/template";
import type { Definition } from "./component.ts";
import { contextOf, DATA_NAMES } from "./scope.ts";

/** A field of a manifest that may contain expressions. */
export interface Text {
  /** As it stands in the manifest. */
  readonly source: string;
  readonly isDynamic: boolean;
  readonly readsClock: boolean;
  /** The value: a number, a list and so on where the text reads as one. */
  value(occasion?: TemplateContext, options?: EvaluationOptions): unknown;
  /** The value as Python's `str` shows it. */
  text(occasion?: TemplateContext, options?: EvaluationOptions): string;
}

/** For checking only: what an expression means does not depend on when and where it was compiled. */
const NOWHERE = { now: () => 0, uuid: () => "" };

/** A template, checked when the manifest is. Numbers and booleans are taken as their text. */
export const text: z.ZodType<Definition<Text>, string | number | boolean> = z
  .union([z.string(), z.number(), z.boolean()])
  .transform((value, context): Definition<Text> => {
    const source = typeof value === "boolean" ? (value ? "True" : "False") : String(value);
    try {
      for (const [name, { message }] of compileTemplate(source, NOWHERE).unknownFunctions) {
        if (!DATA_NAMES.has(name)) context.issues.push({ code: "custom", message, input: value });
      }
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      context.issues.push({ code: "custom", message: error.message, input: value });
      return z.NEVER;
    }
    return (scope) => {
      const template = scope.compile(source);
      return {
        source,
        isDynamic: template.isDynamic,
        readsClock: template.readsClock,
        value: (occasion, options) => template.evaluate(contextOf(scope, occasion), options),
        text: (occasion, options) => template.render(contextOf(scope, occasion), options),
      };
    };
  });
