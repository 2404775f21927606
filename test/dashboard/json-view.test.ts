import { expect, test } from "vitest";

import { jsonPieces } from "#dashboard/components/json-view.tsx";

test.each([
  { name: 'a "quoted" \\ name', n: -1.5e21, yes: true, none: null, list: [1, "x: y", {}] },
  ["true", 0, { "": "" }],
  "text",
])("the pieces of JSON are all of it, in order: %j", (value) => {
  const text = JSON.stringify(value, null, 2);
  expect(
    jsonPieces(text)
      .map((piece) => piece.text)
      .join(""),
  ).toBe(text);
});

test("keys, strings and other values are told apart, also where a string looks like something else", () => {
  const kinds = jsonPieces('{"a": "true", "b": 12}').filter(({ kind }) => kind !== null);
  expect(kinds).toEqual([
    { kind: "key", text: '"a"' },
    { kind: "text", text: '"true"' },
    { kind: "key", text: '"b"' },
    { kind: "word", text: "12" },
  ]);
});

test("what is cut off in the middle is shown as far as it goes", () => {
  expect(
    jsonPieces('{"a": "tru')
      .map(({ text }) => text)
      .join(""),
  ).toBe('{"a": "tru');
});
