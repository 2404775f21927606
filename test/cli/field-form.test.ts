import { expect, test } from "vitest";

import type { Field } from "#cli/api-answers";
import { askableFields, isNeeded } from "#cli/field-form";

const field = (name: string, required: boolean): Field => ({
  name,
  title: name,
  description: null,
  type: "string",
  required,
  items_type: null,
  is_secret: false,
  enum_values: null,
});

test("an object is asked for through its fields, which are needed only where the object is", () => {
  const fields = [
    field("start", true),
    field("auth", true),
    field("auth.key", true),
    field("proxy", false),
    field("proxy.host", true),
  ];
  expect(askableFields(fields).map(({ name }) => name)).toEqual(["start", "auth.key", "proxy.host"]);
  expect(fields.filter((each) => isNeeded(each, fields)).map(({ name }) => name)).toEqual([
    "start",
    "auth",
    "auth.key",
  ]);
});
