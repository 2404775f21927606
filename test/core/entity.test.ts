import * as fc from "fast-check";
import { expect, test } from "vitest";

import { canonicalText, ENTITY_LIMIT_BYTES, isRejected, sameContent, toEntity } from "#core/entity";
import { parseExactly } from "#core/exact-json";
import type { Json } from "#core/json";

const digest = (canonical: string) => `digest of ${canonical}`;
const entityOf = (record: unknown, primaryKey: string[][] | null = [["id"]]) => toEntity(record, primaryKey, digest);

/** An object nested so deeply that walking it recursively overflows the stack. */
function deep(levels: number): Json {
  let value: Json = 1;
  for (let level = 0; level < levels; level += 1) value = { in: value };
  return value;
}

test.each([
  ["text", { id: "a" }, "a"],
  ["a number", { id: 42 }, "42"],
  ["zero", { id: 0 }, "0"],
  ["a fraction", { id: 1.5 }, "1.5"],
  ["false", { id: false }, "false"],
  ["quotes, an emoji and a line break", { id: `"'\n🚰` }, `"'\n🚰`],
  ["a name that objects are born with", { id: "__proto__" }, "__proto__"],
])("an id is its primary key as text: %s", (_case, record, id) => {
  expect(entityOf(record)).toEqual({ id, text: JSON.stringify(record) });
});

test("a composite key is the JSON array of its parts, so that no two keys run together", () => {
  const key = [["repo"], ["user", "login"]];
  expect(entityOf({ repo: "a", user: { login: 7 } }, key)).toMatchObject({ id: '["a","7"]' });
  expect(entityOf({ repo: 'a","b', user: { login: "c" } }, key)).not.toMatchObject({ id: '["a","b","c"]' });
});

test("composite ids are equal exactly when all their parts are", () => {
  const part = fc.string({ unit: fc.constantFrom("a", '"', ",", "\\", "\0", "\ud800"), maxLength: 4 });
  fc.assert(
    fc.property(part, part, part, part, (a, b, c, d) => {
      const [first, second] = [entityOf({ a, b }, [["a"], ["b"]]), entityOf({ a: c, b: d }, [["a"], ["b"]])];
      expect(first.id === second.id).toBe(a === c && b === d);
    }),
    { numRuns: 1_000 },
  );
});

test("without a primary key the content is the id, whatever the order of its keys", () => {
  expect(entityOf({ a: 1, b: 2 }, null)).toEqual({ id: 'digest of {"a":1,"b":2}', text: '{"a":1,"b":2}' });
  expect(entityOf({ b: 2, a: 1 }, null)).toMatchObject({ id: 'digest of {"a":1,"b":2}' });
});

test.each([
  ["missing", {}, 'The record has no id: "id" is missing.'],
  ["null", { id: null }, 'The record has no id: "id" is null.'],
  ["a list", { id: [1] }, 'The record has no id: "id" is a list.'],
  ["an object", { id: {} }, 'The record has no id: "id" is an object.'],
  ["empty", { id: "" }, "The record's id is empty."],
  ["too long", { id: "x".repeat(2_001) }, "The record's id is longer than 2000 characters."],
  ["with NUL, where SQLite ends text", { id: "a\0b" }, expect.stringContaining("NUL")],
  ["with a lone surrogate, which UTF-8 has no place for", { id: "a\ud800" }, expect.stringContaining("surrogate")],
])("a record whose id is %s can't be stored", (_case, record, reason) => {
  expect(entityOf(record)).toEqual({ id: null, reason });
});

test("numbers that JavaScript can't tell apart are different ids all the same, since they are read as they are written", () => {
  const ids = ["9007199254740992", "9007199254740993", "12345678901234567890", "12345678901234567891", "1e400"];
  for (const id of ids) expect(entityOf(parseExactly(`{"id":${id}}`))).toEqual({ id, text: `{"id":${id}}` });
});

test.each([[null], ["text"], [42], [[{ id: 1 }]], [undefined], [parseExactly("12345678901234567890")]])(
  "%j is no record",
  (record) => {
    expect(entityOf(record)).toEqual({ id: null, reason: "The record is not a JSON object." });
  },
);

test("inherited properties are no ids", () => {
  expect(isRejected(entityOf({}, [["constructor", "name"]]))).toBe(true);
  expect(isRejected(entityOf({}, [["__proto__"]]))).toBe(true);
});

test("a key named __proto__ in the record is data like any other", () => {
  const record: unknown = JSON.parse('{"id":"a","__proto__":{"id":"b"}}');
  expect(entityOf(record)).toEqual({ id: "a", text: '{"id":"a","__proto__":{"id":"b"}}' });
  expect(entityOf(record, [["__proto__", "id"]])).toMatchObject({ id: "b" });
});

test("lone surrogates and NUL in the content are stored as JSON escapes, so nothing is lost", () => {
  const record = { id: "a", text: "\ud800 \0 \u2028" };
  const entity = entityOf(record);
  expect(entity).toMatchObject({ id: "a" });
  expect("text" in entity && entity.text.isWellFormed() && JSON.parse(entity.text)).toEqual(record);
});

test.each([
  ["one-byte characters", "x", 1],
  ["two-byte characters", "ß", 2],
  ["three-byte characters", "水", 3],
  ["four-byte characters", "🚰", 4],
])("the row limit counts UTF-8 bytes: %s", (_case, character, bytes) => {
  const frame = '{"id":"a","v":""}'.length;
  const most = Math.floor((ENTITY_LIMIT_BYTES - frame) / bytes);

  expect(entityOf({ id: "a", v: character.repeat(most) })).toMatchObject({ id: "a", text: expect.any(String) });
  expect(entityOf({ id: "a", v: character.repeat(most + 1) })).toEqual({
    id: "a",
    reason: "The entity is larger than 1990000 bytes, the most a row can hold.",
  });
});

test("a record nested too deeply is refused by its id, so that an older version of it is not taken for gone", () => {
  const record = { id: "a", deep: deep(200_000) };
  expect(entityOf(record)).toEqual({ id: "a", reason: "The record is nested too deeply to be stored." });
  expect(entityOf(record, null)).toEqual({ id: null, reason: "The record is nested too deeply to be stored." });
});

test.each([1_000, 3_000, 6_000, 12_000, 50_000])(
  "a record of %i levels is stored or refused, never a fault",
  (levels) => {
    const record = { id: "a", deep: deep(levels) };
    for (const key of [[["id"]], null]) {
      const entity = entityOf(record, key);
      expect("text" in entity || entity.reason.includes("nested too deeply")).toBe(true);
    }
  },
);

test("content that is nested too deeply to be compared counts as changed, which is never wrong", () => {
  const [a, b] = [1, 2].map((value) => `${'{"a":'.repeat(100_000)}${value}${"}".repeat(100_000)}`);
  expect(sameContent(a ?? "", b ?? "")).toBe(false);
});

const json = fc.jsonValue({ maxDepth: 4 });

test("the order of keys makes no difference to what two texts say", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), json), (record) => {
      const reversed = Object.fromEntries(Object.entries(record).toReversed());
      expect(sameContent(JSON.stringify(record), JSON.stringify(reversed))).toBe(true);
      expect(canonicalText(parse(JSON.stringify(record)))).toBe(canonicalText(parse(JSON.stringify(reversed))));
    }),
  );
});

test("anything else makes a difference", () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      const [textA, textB] = [JSON.stringify(a), JSON.stringify(b)];
      const equal = canonicalText(parse(textA)) === canonicalText(parse(textB));
      expect(sameContent(textA, textB)).toBe(equal);
      expect(equal).toBe(isDeepEqual(parse(textA), parse(textB)));
    }),
  );
});

test.each([
  ['{"a":[1,2]}', '{"a":[2,1]}'],
  ['{"a":1}', '{"a":2}'],
  ['{"a":"1"}', '{"a":  1}'],
  ['{"ab":"c"}', '{"a":"bc"}'],
  ['{"a":{"b":1},"c":{}}', '{"a":{},"c":{"b":1}}'],
  ['{"__proto__":1,"a":2}', '{"__proto__":2,"a":1}'],
])("%s is not %s", (a, b) => {
  expect(sameContent(a, b)).toBe(false);
});

test("nested keys in another order are the same content, __proto__ among them", () => {
  expect(sameContent('{"a":{"__proto__":1,"c":[{"x":1,"y":2}]}}', '{"a":{"c":[{"y":2,"x":1}],"__proto__":1}}')).toBe(
    true,
  );
});

function parse(text: string): Json {
  const value: Json = JSON.parse(text);
  return value;
}

/** Equality by structure, the way a person would say it; written without canonical texts. */
function isDeepEqual(a: Json, b: Json): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [entriesA, mapB] = [Object.entries(a), new Map<string, Json>(Object.entries(b))];
  return (
    entriesA.length === mapB.size &&
    entriesA.every(([key, value]) => {
      const other = mapB.get(key);
      return other !== undefined && isDeepEqual(value, other);
    })
  );
}
