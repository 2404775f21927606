import { expect, test } from "vitest";

import { decodeAs } from "#sources/manifest/decoder/encoding";

/* The bytes are Python's for these names; which encodings there are is the runtime's matter. */
test.each([
  ["utf-8", [0xef, 0xbb, 0xbf, 0xc3, 0xa9], "\u00e9"],
  ["latin-1", [0xe9, 0x80], "\u00e9\u0080"],
  ["cp1252", [0xe9, 0x80], "\u00e9\u20ac"],
  ["cp1251", [0xff], "\u044f"],
  ["koi8-r", [0xd1], "\u044f"],
  ["iso8859_15", [0xa4], "\u20ac"],
  ["latin2", [0xb3], "\u0142"],
  ["shift_jis", [0x93, 0xfa], "\u65e5"],
  ["gbk", [0xd6, 0xd0], "\u4e2d"],
  ["big5", [0xa4, 0xa4], "\u4e2d"],
  ["utf-16", [0xff, 0xfe, 0xe9, 0x00], "\u00e9"],
  ["utf-16", [0xfe, 0xff, 0x00, 0xe9], "\u00e9"],
  ["utf_16_be", [0x00, 0xe9], "\u00e9"],
])("a Worker reads %s as Python does", (encoding, bytes, text) => {
  expect(decodeAs(encoding, Uint8Array.from(bytes))).toBe(text);
});
