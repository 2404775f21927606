import type { Json, JsonObject } from "#core/json";
import { isJsonObject } from "#core/json";
import type { TemplateContext } from "./frame.ts";
import type { Template, ValueType } from "./template.ts";

/** What makes templates of texts: once per text, if it remembers them. */
export type Compile = (text: string) => Template;

export interface MappingOptions {
  /** Keys that read as literals of other types stay texts. The CDK has `str` here for parameters and form fields. */
  readonly validKeyTypes?: readonly ValueType[] | undefined;
  /** The same for values: `str` and `list` for parameters and form fields. Headers have neither. */
  readonly validValueTypes?: readonly ValueType[] | undefined;
}

/** A JSON document in which texts are templates. */
export interface Interpolated<Result> {
  /** Throws a TemplateError. */
  evaluate(context: TemplateContext): Result;
}

/**
 * The parameters, headers or form fields of a request, as the CDK's `InterpolatedRequestInputProvider` makes them: keys
 * and texts among the values are templates, and those whose text is empty, or that use something undefined, leave their
 * entry out, as does None. A text instead of a mapping is one template, whose value is the whole.
 */
export function interpolateRequestInput(
  input: string | JsonObject,
  compile: Compile,
  options: MappingOptions = {},
): Interpolated<unknown> {
  const interpolated =
    typeof input === "string" ? interpolateText(input, compile) : interpolateMapping(input, compile, options);
  return {
    evaluate: (context) => {
      const value = interpolated.evaluate(context);
      return isJsonObject(value) && !JSON.isRawJSON(value) ? withoutNulls(value) : value;
    },
  };
}

/** As the CDK's `InterpolatedMapping`: None stays. */
function interpolateMapping(
  mapping: JsonObject,
  compile: Compile,
  { validKeyTypes, validValueTypes }: MappingOptions = {},
): Interpolated<Record<string, unknown>> {
  const entries = Object.entries(mapping).map(([key, value]) => ({
    key: compile(key),
    value: typeof value === "string" ? compile(value) : undefined,
    constant: value,
  }));
  return {
    evaluate: (context) =>
      Object.fromEntries(
        entries.map(({ key, value, constant }) => [
          keyText(key.evaluate(context, { default: null, validTypes: validKeyTypes })),
          value === undefined ? constant : value.evaluate(context, { default: null, validTypes: validValueTypes }),
        ]),
      ),
  };
}

/**
 * The JSON body of a request, as the CDK's `InterpolatedNestedRequestInputProvider` makes it: keys and texts are templates
 * at every level, and entries whose value is None are left out; items of lists stay.
 */
export function interpolateNestedRequestInput(input: Json, compile: Compile): Interpolated<unknown> {
  return typeof input === "string" ? interpolateText(input, compile) : interpolateNested(input, compile);
}

/** As the CDK's `InterpolatedNestedMapping`. */
function interpolateNested(document: Json, compile: Compile): Interpolated<unknown> {
  if (typeof document === "string") {
    const template = compile(document);
    return { evaluate: (context) => template.evaluate(context, { default: null }) };
  }
  if (Array.isArray(document)) {
    const items = document.map((item: Json) => interpolateNested(item, compile));
    return { evaluate: (context) => items.map((item) => item.evaluate(context)) };
  }
  if (!isJsonObject(document) || JSON.isRawJSON(document)) return { evaluate: () => document };
  const entries = Object.entries(document).map(([key, value]) => ({
    key: compile(key),
    value: interpolateNested(value, compile),
  }));
  return {
    evaluate: (context) =>
      withoutNulls(
        Object.fromEntries(
          entries.map(({ key, value }) => [keyText(key.evaluate(context, { default: null })), value.evaluate(context)]),
        ),
      ),
  };
}

/** An empty text is an empty mapping. Undefined is an error here, as in any field that is one template. */
function interpolateText(text: string, compile: Compile): Interpolated<unknown> {
  if (text === "") return { evaluate: () => ({}) };
  const template = compile(text);
  return { evaluate: (context) => template.evaluate(context) };
}

function withoutNulls(mapping: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(mapping).filter(([, value]) => value !== null));
}

/** A key as JSON has it. */
function keyText(key: unknown): string {
  return typeof key === "string" ? key : JSON.stringify(key);
}
