import * as fc from "fast-check";

import type { Schema } from "./api-document.ts";

/** Values that a property of this name is given now and then, so that requests come further than the first check. */
export type Hints = Readonly<Record<string, readonly unknown[]>>;

export interface Vocabulary {
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly hints: Hints;
}

/** Beyond this, schemas that contain themselves get no deeper. */
const DEPTH = 5;

/** Values that a JSON Schema describes. Where it says more than is understood here, nearly such values. */
export function jsonValue(schema: Schema, vocabulary: Vocabulary, depth = DEPTH): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1);
    return jsonValue(vocabulary.schemas[name] ?? {}, vocabulary, depth);
  }
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  // What stands beside `properties` there says which of them have to be present.
  const branches = schema.properties === undefined ? (schema.anyOf ?? schema.oneOf) : undefined;
  if (branches !== undefined) return fc.oneof(...branches.map((branch) => jsonValue(branch, vocabulary, depth)));
  if (schema.allOf !== undefined) return allOf(schema.allOf, vocabulary, depth);
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? ["object"]);
  return fc.oneof(...types.map((type) => ofType(type, schema, vocabulary, depth)));
}

function allOf(parts: readonly Schema[], vocabulary: Vocabulary, depth: number): fc.Arbitrary<unknown> {
  return fc
    .tuple(...parts.map((part) => jsonValue(part, vocabulary, depth)))
    .map((values) => Object.assign({}, ...values));
}

function ofType(type: string, schema: Schema, vocabulary: Vocabulary, depth: number): fc.Arbitrary<unknown> {
  switch (type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
      return withExample(schema, fc.integer(rangeOf(schema)));
    case "number":
      return fc.double({ noNaN: true, noDefaultInfinity: true, ...rangeOf(schema) });
    case "array":
      return fc.array(jsonValue(schema.items ?? {}, vocabulary, depth - 1), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 4, (schema.minItems ?? 0) + 4),
      });
    case "object":
      return objectOf(schema, vocabulary, depth);
    default:
      return withExample(schema, textOf(schema));
  }
}

function rangeOf({ minimum = -2_147_483_648, maximum = 2_147_483_647 }: Schema): { min: number; max: number } {
  return { min: minimum, max: Math.max(minimum, maximum) };
}

function withExample(schema: Schema, values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  // Addresses among the examples are those of others.
  if (schema.example === undefined || schema.format === "uri") return values;
  return fc.oneof({ weight: 3, arbitrary: fc.constant(schema.example) }, { weight: 1, arbitrary: values });
}

function textOf({ format, pattern, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> {
  if (format === "uuid") return fc.uuid();
  if (format === "date-time") {
    return fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((date) => date.toISOString());
  }
  if (format === "uri") return fc.constantFrom("http://127.0.0.1:9/", "http://127.0.0.1:9/hooks?x=%00");
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  const longest = Math.min(maxLength, minLength + 60);
  return fc.oneof(
    fc.string({ minLength, maxLength: longest }),
    fc.string({ minLength, maxLength: longest, unit: "binary" }),
  );
}

function objectOf(schema: Schema, vocabulary: Vocabulary, depth: number): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema;
  if (depth <= 0) return fc.constant({});
  if (Object.keys(properties).length === 0) {
    const values = typeof additionalProperties === "object" ? additionalProperties : null;
    return fc.dictionary(
      fc.string({ maxLength: 12 }),
      values === null ? fc.jsonValue({ maxDepth: 2 }) : jsonValue(values, vocabulary, depth - 1),
      { maxKeys: 4 },
    );
  }
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, hinted(name, property, vocabulary, depth)]),
  );
  const known = Object.keys(fields);
  return fc.record(fields, { requiredKeys: known.filter((name) => required.includes(name)) });
}

function hinted(name: string, schema: Schema, vocabulary: Vocabulary, depth: number): fc.Arbitrary<unknown> {
  const values = jsonValue(schema, vocabulary, depth - 1);
  const hints = vocabulary.hints[name];
  if (hints === undefined) return values;
  return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...hints) }, { weight: 1, arbitrary: values });
}
