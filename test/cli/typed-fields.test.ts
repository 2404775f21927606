import { expect, test } from "vitest";

import type { Field } from "#cli/api-answers";
import { WrongUsage } from "#cli/stopped";
import { withTypedFields } from "#cli/typed-fields";

const field = (name: string, type: string): Field => ({
  name,
  title: name,
  description: null,
  type,
  required: false,
  items_type: null,
  is_secret: false,
  enum_values: null,
});
const fields = [field("url", "string"), field("page_size", "integer"), field("auth.kind", "string")];

test("sets fields by their type, also where a value has an equals sign", () => {
  const typed = ["url=https://x.example/?a=b", "page_size=5", "auth.kind=key"];
  expect(withTypedFields({ page_size: 1, kept: true }, fields, typed)).toEqual({
    url: "https://x.example/?a=b",
    page_size: 5,
    kept: true,
    auth: { kind: "key" },
  });
});

test.each(["url", "nothing=1", "page_size=many", "__proto__=x"])("refuses %s", (typed) => {
  expect(() => withTypedFields({}, fields, [typed])).toThrow(WrongUsage);
});
