import type { TemplateContext } from "./frame.ts";
import { compileTemplate, type Template } from "./template.ts";
import type { TemplateEnvironment } from "./world.ts";

/** A template that is true or false. */
export interface Condition {
  readonly text: string;
  readonly variables: ReadonlySet<string>;
  readonly readsClock: boolean;
  /** Throws a TemplateError. */
  holds(context: TemplateContext): boolean;
}

/** Texts that are false, beside what is false by its value; any other text is true. */
const FALSE_TEXTS: ReadonlySet<unknown> = new Set(["False", "false", "{}", "[]", "()", "", "0", "0.0"]);

/** Throws a TemplateError. As the Airbyte CDK's `InterpolatedBoolean`: nothing at all, and what is undefined, is false. */
export function compileCondition(text: string, environment: TemplateEnvironment): Condition {
  return conditionOf(compileTemplate(text, environment));
}

/** The condition that a compiled template is. */
function conditionOf(template: Template): Condition {
  const { text, variables, readsClock } = template;
  return { text, variables, readsClock, holds: (context) => isTruth(template.evaluate(context, { default: "False" })) };
}

/** Is a template's value true, where a condition is asked for? Zero, and what is empty or null, is not. */
export function isTruth(value: unknown): boolean {
  if (typeof value === "number") return value !== 0;
  if (typeof value !== "object" || value === null) return value !== null && value !== false && !FALSE_TEXTS.has(value);
  // A number that a double can't hold is not zero.
  return JSON.isRawJSON(value) || Object.keys(value).length > 0;
}
