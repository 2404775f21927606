import * as fc from "fast-check";
import { expect, test } from "vitest";

import { TemplateError } from "#sources/manifest/template/template-error";
import { addFields } from "#sources/manifest/transformation/add-fields";
import { dpathFlattenFields } from "#sources/manifest/transformation/dpath-flatten-fields";
import { flattenFields } from "#sources/manifest/transformation/flatten-fields";
import { keysReplace } from "#sources/manifest/transformation/keys-replace";
import { keysToLower } from "#sources/manifest/transformation/keys-to-lower";
import { keysToSnakeCase } from "#sources/manifest/transformation/keys-to-snake-case";
import { removeFields } from "#sources/manifest/transformation/remove-fields";
import type { Transformation } from "#sources/manifest/transformation/transformation";
import type { Component } from "#sources/manifest/component";
import { SourceFailure } from "#sources/source";
import { manifestScope } from "#test/support/manifest-scope";

function built(component: Component<Transformation>, fields: object = {}): Transformation {
  return component.schema.parse({ type: component.type, ...fields })(manifestScope({}));
}

function transformed(
  transformation: Transformation,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const record: Record<string, unknown> = structuredClone(given);
  transformation.apply(record, {});
  return record;
}

function outcomeOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

const records = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("a", "A b", "__proto__", "2x")), fc.jsonValue());

const path = fc.array(fc.constantFrom("a", "b", "0", "-1", "*", "**", "A b", "[", "x"), { minLength: 1, maxLength: 4 });
const transformations = fc.oneof(
  path.map((field) => built(addFields, { fields: [{ path: field, value: "{{ record.a }}" }] })),
  path.map((field) => built(removeFields, { field_pointers: [field] })),
  path.map((field) => built(removeFields, { field_pointers: [field], condition: "{{ property }}" })),
  path.map((field) => built(dpathFlattenFields, { field_path: field, delete_origin_value: true })),
  fc.constantFrom(
    built(keysToLower),
    built(keysToSnakeCase),
    built(flattenFields),
    built(keysReplace, { old: "a", new: "" }),
  ),
);

test("whatever a record is, it is transformed or there is a failure that says why not", () => {
  fc.assert(
    fc.property(transformations, records, (transformation, record) => {
      const outcome = outcomeOf(() => JSON.stringify(transformed(transformation, record)));
      expect(typeof outcome === "string" || outcome instanceof SourceFailure || outcome instanceof TemplateError).toBe(
        true,
      );
    }),
    { numRuns: 1000 },
  );
});

test("nothing is nested in a flat record, and every single value is still there", () => {
  const leaves = (value: unknown): string[] => {
    if (typeof value !== "object" || value === null) return [JSON.stringify(value)];
    return Object.values(value).flatMap(leaves);
  };
  // Where two fields get the same name, one is lost, as with the CDK: here names tell them apart.
  const named = fc.dictionary(fc.uuid(), fc.oneof(fc.string(), fc.dictionary(fc.uuid(), fc.integer())));
  fc.assert(
    fc.property(named, (record) => {
      const flat = transformed(built(flattenFields), record);
      expect(Object.values(flat).filter((value) => typeof value === "object" && value !== null)).toEqual([]);
      expect(new Set(leaves(flat))).toEqual(new Set(leaves(record)));
    }),
  );
});

test("names in lower case stay as they are", () => {
  fc.assert(
    fc.property(records, (record) => {
      const once = transformed(built(keysToLower), record);
      expect(transformed(built(keysToLower), once)).toEqual(once);
    }),
  );
});

test("a name in snake case has neither upper case nor blanks, and stays as it is", () => {
  const snakeCase = built(keysToSnakeCase);
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (name) => {
      const [once = ""] = Object.keys(transformed(snakeCase, { [name]: 1 }));
      expect(once).not.toMatch(/[A-Z\s.-]/);
      const [twice] = Object.keys(transformed(snakeCase, { [once]: 1 }));
      expect(twice?.replaceAll("_", "")).toBe(once.replaceAll("_", ""));
    }),
  );
});

test("letters that have no common way to be written in ASCII stay, so that no two names become one", () => {
  expect(transformed(built(keysToSnakeCase), { 名前: 1, 住所: 2, "Größe Дом": 3 })).toEqual({
    名前: 1,
    住所: 2,
    grosse_dom: 3,
  });
});

test("numbers that a double can't hold are no objects to flatten", () => {
  const id: unknown = JSON.rawJSON("12345678901234567890");
  const record: Record<string, unknown> = { a: { id } };
  built(flattenFields).apply(record, {});
  expect(JSON.stringify(record)).toBe('{"id":12345678901234567890}');
});
