import { gzipSync as gzipSyncNatively } from "node:zlib";

import * as fc from "fast-check";
import { gzipSync, zipSync } from "fflate";
import { beforeAll, describe, expect, test } from "vitest";

import { decoder } from "#sources/manifest/decoder/decoder";
import { joinComponents } from "#sources/manifest/registry";
import { SourceFailure } from "#sources/source";
import { manifestScope } from "#test/support/manifest-scope";

beforeAll(() => {
  joinComponents();
});

const URL_ASKED = "https://api.example.com/export?token=secret";
const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
const utf8 = (text: string) => new TextEncoder().encode(text);
const JSON_TYPE = { type: "JsonDecoder" };
const JSONL = { type: "JsonlDecoder" };
const ITEMS = { type: "JsonItemsDecoder", items_path: "data" };
const CSV = { type: "CsvDecoder" };
const XML = { type: "XmlDecoder" };
const LINES = { type: "IterableDecoder" };
const gzipOf = (inner: object) => ({ type: "GzipDecoder", decoder: inner });
const zipOf = (inner: object) => ({ type: "ZipfileDecoder", decoder: inner });

function decode(definition: object, bytes: Uint8Array, headers: Readonly<Record<string, string>> = {}) {
  const response = { bytes, headers, url: URL_ASKED };
  return decoder.schema.parse(definition)(manifestScope({})).decode(response);
}

async function failureOf(definition: object, bytes: Uint8Array) {
  const error: unknown = await decode(definition, bytes).catch((thrown: unknown) => thrown);
  if (!(error instanceof SourceFailure)) throw new Error("expected a SourceFailure", { cause: error });
  return error.failure;
}

describe("a body that is not what the manifest says is a failure, so that no copy has silent gaps", () => {
  test.each([
    [JSON_TYPE, "<html>", "JSON"],
    [JSON_TYPE, '{"a": 1', "JSON"],
    [JSONL, '{"a": 1}\nBad gateway\n{"a": 2}', "line 2"],
    [ITEMS, "", "JSON"],
    [XML, "<a><b></a>", "XML"],
    [XML, "", "XML"],
    [CSV, 'a,b\n1,"cut off', "row 2"],
  ])("%j of %j", async (definition, body, part) => {
    const failure = await failureOf(definition, utf8(body));
    expect(failure).toMatchObject({ kind: "bad_response", final: false });
    expect(failure.message).toContain(part);
    expect(failure.message).toContain("https://api.example.com/export");
  });

  test("the message has no query, which may have credentials in it", async () => {
    expect((await failureOf(JSON_TYPE, utf8("x"))).message).not.toContain("secret");
  });

  test.each([
    ["bytes that are not of the encoding", CSV, Uint8Array.of(0x61, 0x0a, 0xff)],
    ["a gzip that is cut off", gzipOf(CSV), gzipSync(utf8("a\n".repeat(1000))).subarray(0, 20)],
    ["a gzip that is broken", gzipOf(CSV), Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff)],
    ["a zip that is none", zipOf(CSV), utf8("PK is not enough")],
    ["a zip that is cut off", zipOf(CSV), zipSync({ a: utf8("a\n1\n") }).subarray(0, 30)],
  ])("%s", async (_, definition, bytes) => {
    expect(await failureOf(definition, bytes)).toMatchObject({ kind: "bad_response" });
  });
});

describe("nothing is no record", () => {
  test.each([
    [JSON_TYPE, "", [{}]],
    [JSON_TYPE, " \n", [{}]],
    [JSON_TYPE, "null", [{}]],
    [JSONL, "\n\n", []],
    [CSV, "", []],
    [CSV, "a,b\n", []],
    [LINES, "", []],
  ])("%j of %j", async (definition, body, documents) => {
    expect(await decode(definition, utf8(body))).toEqual(documents);
  });
});

test.each([
  [JSON_TYPE, '{"a": 1}', [{ a: 1 }]],
  [JSONL, '{"a": 1}\n{"a": 2}', [{ a: 1 }, { a: 2 }]],
  [CSV, "a\n1\n", [{ a: "1" }]],
  [XML, "<a>1</a>", [{ a: "1" }]],
])("a byte order mark is no part of the text: %j", async (definition, body, documents) => {
  expect(await decode(definition, utf8(`\uFEFF${body}`))).toEqual(documents);
});

test("numbers that a double can't hold keep their digits", async () => {
  expect(JSON.stringify(await decode(JSONL, utf8('{"id": 12345678901234567890}')))).toBe(
    '[{"id":12345678901234567890}]',
  );
});

test("XML in an encoding that only it declares is read in that", async () => {
  const bytes = new Uint8Array(Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>\u00e9</a>', "latin1"));
  expect(await decode(XML, bytes)).toEqual([{ a: "\u00e9" }]);
});

test("XML that is nested too deeply is refused before the call stack ends", async () => {
  const depth = 5000;
  const failure = await failureOf(XML, utf8("<a>".repeat(depth) + "</a>".repeat(depth)));
  expect(failure.kind).toBe("bad_response");
});

test("an entity that is declared is not expanded, so a document can't grow", async () => {
  const bomb = '<!DOCTYPE a [<!ENTITY b "xxxxxxxxxx"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>';
  expect((await failureOf(XML, utf8(bomb))).kind).toBe("bad_response");
});

describe("an archive that comes to more than memory holds is refused", () => {
  const large = new Uint8Array(70_000_000);

  test("gzip", async () => {
    expect(await failureOf(gzipOf(LINES), gzipSyncNatively(large))).toMatchObject({
      kind: "bad_response",
      final: true,
    });
  });

  test("zip", async () => {
    expect(await failureOf(zipOf(LINES), zipSync({ a: large }, { level: 0 }))).toMatchObject({
      kind: "bad_response",
      final: true,
    });
  });

  test("zip that says that it is small", async () => {
    const archive = zipSync({ a: large }, { level: 0 });
    setInDirectory(archive, 24, 10);
    expect(await failureOf(zipOf(LINES), archive)).toMatchObject({ kind: "bad_response", final: true });
  });
});

/** Sets a field of the only entry, called by one letter, in the directory at an archive's end. */
function setInDirectory(archive: Uint8Array, field: number, value: number): void {
  const view = new DataView(archive.buffer, archive.byteOffset);
  const entry = archive.byteLength - 22 - 47;
  expect(view.getUint32(entry, true)).toBe(0x02014b50);
  view.setUint32(entry + field, value, true);
}

test.each([
  ["its checksum is another", 16, 1],
  ["it is longer than the archive", 20, 1_000_000],
  ["it is shorter than it was", 20, 5],
  ["it begins elsewhere", 42, 1_000_000],
])("a file of a zip is not read where %s", async (_, field, value) => {
  const archive = zipSync({ a: utf8("one line and another\n".repeat(50)) });
  setInDirectory(archive, field, value);
  expect(await failureOf(zipOf(LINES), archive)).toMatchObject({ kind: "bad_response" });
});

test("a folder in a zip is no file to read", async () => {
  const archive = zipSync({ "folder/": new Uint8Array(), "folder/a.xml": utf8("<a/>") });
  expect(await decode(zipOf(XML), archive)).toEqual([{ a: null }]);
});

test("a gzip that lost its middle is not taken for a shorter one", async () => {
  const bytes = gzipSync(utf8(Array.from({ length: 5000 }, (_, index) => `{"id": ${index}}`).join("\n")));
  for (const length of [bytes.byteLength - 1, bytes.byteLength - 9, bytes.byteLength >> 1]) {
    expect(await failureOf(gzipOf(JSONL), bytes.subarray(0, length))).toMatchObject({ kind: "bad_response" });
  }
});

test.each([
  [{ type: "CsvDecoder", encoding: "klingon" }, "encoding"],
  [{ type: "CsvDecoder", delimiter: "::" }, "one character"],
])("a manifest that asks for what there is not is told so when it is checked: %j", (definition, part) => {
  const parsed = decoder.schema.safeParse(definition);
  expect(parsed.error?.issues.map(({ message }) => message).join(" ")).toContain(part);
});

const definitions = fc.constantFrom(
  JSON_TYPE,
  JSONL,
  ITEMS,
  CSV,
  XML,
  LINES,
  gzipOf(CSV),
  gzipOf(JSONL),
  zipOf(XML),
  zipOf(gzipOf(LINES)),
);
const bodies = fc.oneof(
  fc.uint8Array(),
  fc.string().map(utf8),
  fc.json().map(utf8),
  fc
    .array(fc.constantFrom('"', ",", "\n", "\r", "a", "<a>", "</a>", "<", "&", "{", "[", "é", "\u001f\u008b"))
    .map((parts) => utf8(parts.join(""))),
  fc.string().map((text) => gzipSync(utf8(text))),
  fc.tuple(fc.string(), fc.nat()).map(([text, at]) => {
    const bytes = zipSync({ a: utf8(text), b: utf8(text) });
    bytes[at % bytes.byteLength] = 255;
    return bytes;
  }),
);

test("whatever a body is, it is read or a failure that says so", async () => {
  await fc.assert(
    fc.asyncProperty(definitions, bodies, async (definition, bytes) => {
      const outcome: unknown = await decode(definition, bytes).catch((error: unknown) => error);
      expect(Array.isArray(outcome) || outcome instanceof SourceFailure).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("cells come back as they were written, whatever is in them", async () => {
  const cell = fc
    .array(fc.constantFrom('"', ",", "\n", "a", " ", "é"), { maxLength: 6 })
    .map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell)), async (rows) => {
      const lines = rows.map(([one, two]) => `${quoted(one)},${quoted(two)}`);
      const documents = await decode(CSV, utf8(["one,two", ...lines].join("\r\n")));
      expect(documents).toEqual(rows.map(([one, two]) => ({ one, two })));
    }),
  );
});
