import { describe, expect, test } from "vitest";

import { resolveManifest } from "#sources/manifest/compile";
import { parseDocument } from "#sources/manifest/document/parse-document";
import { faultsOf } from "#sources/manifest/spec/input-schema";
import { compileTemplate } from "#sources/manifest/template/template";

const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");

const STREAMS = "streams: [{type: DeclarativeStream, name: a}]";

/** Small texts that would fill the memory, the stack or the time. */
const BOMBS: readonly (readonly [string, string, RegExp])[] = [
  [
    "a wide anchor used often",
    `big: &b\n${lines(5000, (i) => `  k${i}: v`)}\nuses:\n${lines(900, () => "  - *b")}`,
    /anchors resolved .* more than 500000 values/,
  ],
  [
    "a wide anchor merged often",
    `big: &b\n${lines(5000, (i) => `  k${i}: v`)}\nuses:\n${lines(900, () => "  - {<<: *b, x: 1}")}`,
    /anchors resolved .* more than 500000 values/,
  ],
  [
    "anchors of anchors",
    `a0: &a0 [x, x]\n${lines(40, (i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`)}`,
    /anchors resolved .* more than 500000 values/,
  ],
  ["more anchors than can be looked up", `a: &a 1\nuses:\n${lines(1001, () => "  - *a")}`, /more than 1000 times/],
  ["an anchor in itself", "x: &a [*a]", /Line 1, column 8: There is no anchor "a" before this/],
  [
    "references to a wide object with a field of their own",
    `definitions:\n  w:\n${lines(5000, (i) => `    k${i}: 1`)}\n  uses:\n${lines(2000, () => '    - {$ref: "#/definitions/w", z: 1}')}`,
    /references resolved .* more than 1000000 values/,
  ],
  [
    "objects that grow from reference to reference",
    `definitions:\n  a0: {k0: 1}\n${lines(2000, (i) => `  a${i + 1}: {$ref: "#/definitions/a${i}", k${i + 1}: 1}`)}`,
    /more than (1000000 values|400 levels)/,
  ],
  [
    "a chain of references",
    `definitions:\n${lines(3000, (i) => `  a${i}: "#/definitions/a${i + 1}"`)}\n  a3000: x`,
    /more than 400 levels deep/,
  ],
  [
    "parameters handed down to many components",
    `$parameters:\n${lines(1000, (i) => `  p${i}: 1`)}\nstreams:\n${lines(1000, (i) => `  - {type: DeclarativeStream, name: s${i}}`)}`,
    /more than 500000 fields/,
  ],
  ["lists in lists", `x: ${"[".repeat(20_000)}${"]".repeat(20_000)}`, /Nested deeper/],
  ["items of items", `x:\n  ${"- ".repeat(20_000)}1`, /Nested deeper/],
  ["JSON in JSON", `{"x": ${"[".repeat(100_000)}${"]".repeat(100_000)}}`, /Nested deeper/],
];

test.each(BOMBS)("%s is refused with a message", { timeout: 20_000 }, (_name, text, message) => {
  const manifest = text.startsWith("{") || text.includes("\nstreams:") ? text : `${text}\n${STREAMS}`;
  expect(() => resolveManifest(parseDocument(manifest))).toThrow(message);
});

test("many keys in one object take no longer than their number", { timeout: 20_000 }, () => {
  const document = parseDocument(`definitions:\n${lines(30_000, (i) => `  k${i}: 1`)}\n${STREAMS}`);
  expect(Object.keys(document["definitions"] ?? {})).toHaveLength(30_000);
});

test("a key that is there twice is refused with its place", () => {
  expect(() => parseDocument("a: 1\nb:\n  name: x\n  name: y")).toThrow(
    'Line 4, column 3: The key "name" is twice in one object.',
  );
});

const nested = (name: string) => `{% set ns.${name} = [ns.${name}, ns.${name}] %}`;

test("patterns for the names of a config's fields take no time", { timeout: 2_000 }, () => {
  const schema = { type: "object", patternProperties: { "^(a+)+$": { type: "string" } }, additionalProperties: false };
  expect(faultsOf({ [`${"a".repeat(40)}!`]: 1 }, schema)).toEqual([]);
});

describe("templates", () => {
  const environment = { now: () => 0, uuid: () => "" };
  const big = "a".repeat(900_000);
  const list = Array.from({ length: 50_000 }, (_, index) => index);

  test.each([
    ["words without a hyphen", "{{ config.big|wordwrap(1)|length }}"],
    ["tags without an end", "{{ ('<' * 900000)|striptags|length }}"],
    ["comments without an end", "{{ ('<!-->' * 150000)|striptags|length }}"],
    ["methods of long texts", "{% for i in config.list %}{% set x = config.big.replace('a', 'b') %}{% endfor %}"],
    ["large integers", "{% for i in config.list %}{% set x = (7 ** 4000)|string %}{% endfor %}"],
    [
      "lists that share their items",
      `{% set ns = namespace(x=[1], y=[1]) %}{% for i in config.list[:40] %}${nested("x")}${nested("y")}{% endfor %}{{ ns.x == ns.y }}`,
    ],
  ])("%s take no more than their limit", { timeout: 10_000 }, (_name, text) => {
    const template = compileTemplate(text, environment);
    expect(endOf(() => template.evaluate({ config: { big, list } }))).toMatch(/^done$|more than the limit/);
  });
});

function endOf(evaluate: () => unknown): string {
  try {
    evaluate();
    return "done";
  } catch (error) {
    return String(error);
  }
}
