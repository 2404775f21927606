import * as fc from "fast-check";

/** JSON tokens, sound and unsound, that take the place of a value. */
const TOKENS = [
  "null",
  "true",
  "0",
  "-0",
  "-1",
  "1e308",
  "1e999",
  "-1e-400",
  "9007199254740993",
  `1${"0".repeat(400)}`,
  "0.1e1",
  "NaN",
  "01",
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\u202e\\u0000\\ufeff"',
  '"👩‍👩‍👧‍👦é́́"',
  '"../../../etc/passwd"',
  `"'; DROP TABLE connections; --"`,
  '"{{ config }}<script>alert(1)</script>${7*7}"',
  '"__proto__"',
  "[]",
  "{}",
  "[[[[[[[[[[]]]]]]]]]]",
  '{"__proto__":{"admin":true}}',
  '{"constructor":{"prototype":{"admin":true}}}',
  '{"a":1,"a":2}',
  '{"\\ud800":1}',
  "[1,]",
  "undefined",
  "",
] as const;

const DEEP = 20_000;

/** What a client may send where it should send JSON, from nearly right to anything. */
export function hostileJson(valid: fc.Arbitrary<unknown>): fc.Arbitrary<string | Uint8Array> {
  const text = valid.map((value) => JSON.stringify(value) ?? "null");
  const place = fc.nat(10_000);
  return fc.oneof(
    { weight: 8, arbitrary: fc.tuple(text, place, fc.constantFrom(...TOKENS)).map(replaceValue) },
    { weight: 2, arbitrary: fc.tuple(text, place).map(([whole, at]) => whole.slice(0, at % (whole.length + 1))) },
    { weight: 2, arbitrary: text.map(doubleKey) },
    { weight: 1, arbitrary: text.map((whole) => `${whole}\u0000`) },
    { weight: 1, arbitrary: text.map((whole) => `\ufeff${whole}`) },
    { weight: 1, arbitrary: text.map((whole) => `{"deep":${"[".repeat(DEEP)}${"]".repeat(DEEP)},${whole.slice(1)}`) },
    { weight: 1, arbitrary: text.map((whole) => `{"extra_field":1,${whole.slice(1)}`) },
    { weight: 2, arbitrary: fc.tuple(text, place, fc.nat(255)).map(spoilByte) },
    { weight: 2, arbitrary: fc.jsonValue().map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
    { weight: 1, arbitrary: fc.constantFrom("", " ", "[]", "{}", "null", '""', "0") },
  );
}

/** A text for a path's segment, a query or a header, percent-encoded in places. */
export const hostileSegment: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "..",
    ".",
    "%2e%2e",
    "..%2f..%2f",
    "%00",
    "%",
    "%zz",
    "%ff%fe",
    "%ed%a0%80",
    "%F0%9F%92%A9",
    "a%2Fb",
    "%5c..%5c",
    ";x=1",
    "~",
    "null",
    "undefined",
    "NaN",
    "-1",
    "0",
    "1e9",
    "99999999999999999999",
    "true",
    "[object%20Object]",
    "__proto__",
    "constructor",
    "'%20OR%201=1--",
    "*",
    "count",
    "export",
    "a".repeat(300),
    "a".repeat(5_000),
  ),
  fc.string({ minLength: 1, maxLength: 40 }).map(encodeURIComponent),
  fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }).map(encodeURIComponent),
  fc.uuid(),
  fc.integer().map(String),
);

/** Puts a token in the place of one of the text's values. */
function replaceValue([text, place, token]: readonly [string, number, string]): string {
  const values = [...text.matchAll(/(?<=[:,[]|^)(?:"(?:[^"\\]|\\.)*"(?!:)|-?\d[\d.eE+-]*|true|false|null|\{\}|\[\])/g)];
  const value = values[place % Math.max(1, values.length)];
  if (value === undefined) return token;
  return text.slice(0, value.index) + token + text.slice(value.index + value[0].length);
}

/** The first member twice. */
function doubleKey(text: string): string {
  const key = /^\{("(?:[^"\\]|\\.)*"):/.exec(text)?.[1];
  return key === undefined ? `{"a":1,"a":1}` : `{${key}:1,${text.slice(1)}`;
}

function spoilByte([text, place, byte]: readonly [string, number, number]): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  bytes[place % Math.max(1, bytes.length)] = byte;
  return bytes;
}
