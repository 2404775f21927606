import { expect, test } from "vitest";
import { z } from "zod";

import { fieldsOf } from "#http/field-list";

const PLAIN = { description: null, items_type: null, feature_flag: null, is_secret: false, enum_values: null };

test("lists an object's fields with what a form needs to know", () => {
  const schema = z.object({
    url: z.url().describe("Where it is").meta({ title: "Address" }),
    page_size: z.int().default(100),
    databases: z.array(z.string()),
    mode: z.enum(["fast", "slow"]).optional(),
    prefix: z.string().nullish(),
  });
  expect(fieldsOf(schema, { secret: false })).toEqual([
    { ...PLAIN, name: "url", title: "Address", description: "Where it is", type: "string", required: true },
    { ...PLAIN, name: "page_size", title: "Page size", type: "integer", required: false },
    { ...PLAIN, name: "databases", title: "Databases", type: "array", items_type: "string", required: true },
    { ...PLAIN, name: "mode", title: "Mode", type: "string", enum_values: ["fast", "slow"], required: false },
    { ...PLAIN, name: "prefix", title: "Prefix", type: "string", required: false },
  ]);
});

test("merges a union's alternatives, of which none is required by itself", () => {
  const basic = z.strictObject({ username: z.string(), password: z.string() });
  const token = z.strictObject({ token: z.string() });
  const fields = fieldsOf(z.union([basic, token]), { secret: true });
  expect(fields.map(({ name, required, is_secret }) => ({ name, required, is_secret }))).toEqual([
    { name: "username", required: false, is_secret: true },
    { name: "password", required: false, is_secret: true },
    { name: "token", required: false, is_secret: true },
  ]);
});

test("has no fields for a schema without any", () => {
  expect(fieldsOf(z.object({}), { secret: true })).toEqual([]);
});
