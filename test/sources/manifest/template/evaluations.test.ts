import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { z } from "zod";

import { parseExactly } from "#core/exact-json";
import { compileCondition } from "#sources/manifest/template/condition";
import { compileTemplate, type EvaluationOptions, TemplateError } from "#sources/manifest/template/template";

const outcome = z.object({
  value: z.unknown().optional(),
  text: z.string().optional(),
  error: z.string().optional(),
  other: z.string().optional(),
});
type Outcome = z.infer<typeof outcome>;

const table = z
  .object({
    now: z.iso.datetime(),
    context: z.record(z.string(), z.unknown()),
    evaluations: z.array(
      z.object({ template: z.string(), own: outcome, none: outcome, texts: outcome, condition: outcome }),
    ),
  })
  .parse(parseExactly(readFileSync(join(import.meta.dirname, "evaluations.json"), "utf8")));

const ENVIRONMENT = { now: () => Date.parse(table.now), uuid: () => "00000000-0000-4000-8000-000000000000" };

/** Templates that Sluice evaluates otherwise than the Airbyte CDK, on purpose; and what it makes of them. */
const DIFFERENT: ReadonlyMap<string, string> = new Map([]);

/** The same shape as the table has: an error, or the value and its text. */
function evaluated(template: string, options: EvaluationOptions): Outcome {
  try {
    const compiled = compileTemplate(template, ENVIRONMENT);
    return {
      value: compiled.evaluate(table.context, options),
      text: compiled.render(table.context, options),
    };
  } catch (error) {
    if (error instanceof TemplateError) return { error: error.message };
    throw error;
  }
}

/** The table has Python's floats, which doubles hold whatever their digits. */
function withDoubles(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withDoubles);
  if (typeof value !== "object" || value === null) return value;
  if (JSON.isRawJSON(value)) return /[.e]/.test(value.rawJSON) ? Number(value.rawJSON) : value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withDoubles(item)]));
}

const ANY_TEXT: unknown = expect.any(String);
const ANY_VALUE: unknown = expect.objectContaining({ value: ANY_TEXT });

/** What has to come out: an error, whatever it says; a text for what JSON does not have; or exactly this. */
function likeOf(expected: Outcome): unknown {
  if (expected.error !== undefined) return { error: ANY_TEXT };
  if (expected.other !== undefined) return ANY_VALUE;
  return { value: withDoubles(expected.value), text: expected.text };
}

function conditionOf(template: string): unknown {
  try {
    return compileCondition(template, ENVIRONMENT).holds(table.context);
  } catch (error) {
    if (error instanceof TemplateError) return TemplateError;
    throw error;
  }
}

const cases = table.evaluations.filter(({ template }) => !DIFFERENT.has(template));

describe("a template evaluates as with the Airbyte CDK", () => {
  it.each(cases)("as a text field: $template", ({ template, own }) => {
    expect(evaluated(template, {})).toEqual(likeOf(own));
  });

  it.each(cases)("with None as the default: $template", ({ template, none }) => {
    expect(evaluated(template, { default: null })).toEqual(likeOf(none));
  });

  it.each(cases)("where only texts are wanted: $template", ({ template, texts }) => {
    expect(evaluated(template, { default: null, validTypes: ["str"] })).toEqual(likeOf(texts));
  });

  it.each(cases)("as a condition: $template", ({ template, condition }) => {
    expect(conditionOf(template)).toBe(condition.error === undefined ? condition.value : TemplateError);
  });
});
