import * as fc from "fast-check";
import { expect, test } from "vitest";

import { createRedactor } from "#core/redact";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const SECRET = 'p&ss "wörd" +/$1';

test.each([
  ["as it is", SECRET],
  ["inside JSON", JSON.stringify({ password: SECRET })],
  ["in a URL", `https://host/?password=${encodeURIComponent(SECRET)}&x=1`],
  ["in a URL with small letters", encodeURIComponent(SECRET).replaceAll(/%../g, (hex) => hex.toLowerCase())],
  ["in a form", new URLSearchParams({ password: SECRET }).toString()],
  ["in JSON as PHP writes it", JSON.stringify(SECRET).replaceAll("/", String.raw`\/`)],
  ["in JSON as Python writes it", JSON.stringify(SECRET).replaceAll("ö", String.raw`\u00f6`)],
  ["in JSON inside JSON", JSON.stringify(JSON.stringify(SECRET))],
  ["in HTML", SECRET.replaceAll("&", "&amp;").replaceAll('"', "&quot;")],
  ["in a URL inside a URL", encodeURIComponent(encodeURIComponent(SECRET))],
  ["in JSON in a URL", encodeURIComponent(JSON.stringify(SECRET))],
  ["in JSON in HTML", JSON.stringify(SECRET).replaceAll("&", "&amp;").replaceAll('"', "&quot;")],
  ["in HTML by numbers", Array.from(SECRET, (character) => `&#${character.codePointAt(0)};`).join("")],
  ["in HTML in HTML", SECRET.replaceAll("&", "&amp;amp;").replaceAll('"', "&amp;quot;")],
  ["in hex", Buffer.from(SECRET).toString("hex")],
  ["in hex with capitals", Buffer.from(SECRET).toString("hex").toUpperCase()],
  ["in base64", base64(SECRET)],
  ["in base64url", Buffer.from(SECRET).toString("base64url")],
  [
    "in basic authentication, after names of any length",
    ["a", "ab", "abc"].map((u) => base64(`${u}:${SECRET}`)).join(),
  ],
])("hides a secret %s", (_form, text) => {
  const redacted = createRedactor([SECRET])(text);

  expect(redacted).toContain("[redacted]");
  expect(redacted).not.toContain(SECRET);
  expect(redacted).not.toContain(base64(SECRET).slice(4, -4));
});

test("replaces every occurrence, and the longer of two secrets that overlap as a whole", () => {
  expect(createRedactor(["token", "token-1234"])("token-1234, token, token-1234")).toBe(
    "[redacted], [redacted], [redacted]",
  );
});

test("hides a secret that the text breaks off in, and leaves a likeness of a few characters", () => {
  const redact = createRedactor(["token-1234-5678-90"]);
  expect(redact("Wrong: token-1234-5678-9")).toBe("Wrong: [redacted]");
  expect(redact("Wrong: token-12")).toBe("Wrong: [redacted]");
  expect(redact("Wrong token")).toBe("Wrong token");
});

/** Without a rest, so that base64 shares no character of it with what follows; in base64 it has `+` and `/`. */
const WHOLE_IN_BASE64 = 'p&ss "wörd>>>???~';

test.each([
  ["as PHP writes it in JSON", base64(WHOLE_IN_BASE64).replaceAll("/", String.raw`\/`)],
  ["in a URL", encodeURIComponent(base64(WHOLE_IN_BASE64))],
  ["in base64url", Buffer.from(WHOLE_IN_BASE64).toString("base64url")],
  ["in a URL inside a URL", encodeURIComponent(encodeURIComponent(base64(WHOLE_IN_BASE64)))],
  ["in HTML by numbers", base64(WHOLE_IN_BASE64).replaceAll("/", "&#x2F;")],
])("hides a secret in base64 %s", (_form, text) => {
  expect(base64(WHOLE_IN_BASE64)).toMatch(/\+.*\//);
  expect(createRedactor([WHOLE_IN_BASE64])(`Wrong: ${text}.`)).toBe("Wrong: [redacted].");
});

test.each([
  ["as it is", WHOLE_IN_BASE64],
  ["in JSON inside JSON", JSON.stringify(JSON.stringify(WHOLE_IN_BASE64)).slice(3, -3)],
  ["in a URL", encodeURIComponent(WHOLE_IN_BASE64)],
  ["in a URL inside a URL", encodeURIComponent(encodeURIComponent(WHOLE_IN_BASE64))],
  ["in HTML by numbers", Array.from(WHOLE_IN_BASE64, (character) => `&#${character.codePointAt(0)};`).join("")],
  ["in hex", Buffer.from(WHOLE_IN_BASE64).toString("hex")],
  ["in base64", base64(WHOLE_IN_BASE64)],
  ["in base64 in a URL", encodeURIComponent(base64(WHOLE_IN_BASE64))],
])("hides a secret %s that the text breaks off in, also in the midst of a character", (_form, whole) => {
  const redact = createRedactor([WHOLE_IN_BASE64]);
  const bytes = Buffer.from(whole);
  for (let length = Math.ceil((bytes.length * 2) / 3); length < bytes.length; length += 1) {
    const cut = bytes.subarray(0, length).toString("utf8");
    expect(redact(`Wrong: ${cut}`)).toBe("Wrong: [redacted]");
  }
});

test("hides a secret as long as a private key that the text breaks off in, however far it got", () => {
  const lines = Array.from({ length: 6 }, (_, line) => `${line}${"aB+/".repeat(16)}`).join("\n");
  const redact = createRedactor([lines]);
  const inUrl = encodeURIComponent(lines);
  for (let length = 40; length < inUrl.length; length += 7) {
    expect(redact(`at /?key=${inUrl.slice(0, length)}`)).toBe("at /?key=[redacted]");
  }
});

test("hides a secret as long as a private key, also one that repeats itself", () => {
  const lines = Array.from({ length: 25 }, (_, line) => `${line % 3}${"aB+/".repeat(16)}`).join("\n");
  const redact = createRedactor([lines, "x".repeat(1_000)]);
  expect(redact(`key: ${JSON.stringify({ lines })}, ${"x".repeat(1_000)}.`)).toBe(
    'key: {"lines":"[redacted]"}, [redacted].',
  );
  expect(redact(encodeURIComponent(lines))).toBe("[redacted]");
});

test("leaves secrets of fewer than four characters, which would shred the message", () => {
  expect(createRedactor(["a", "", "abc"])("an abc")).toBe("an abc");
});

test("takes a secret for what it is, not for a pattern or a replacement", () => {
  expect(createRedactor([".*.*"])("all of this")).toBe("all of this");
  expect(createRedactor(["$&$&"])("x $&$& y")).toBe("x [redacted] y");
});

test("never lets a secret through, whatever it is made of and whatever stands around it", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4, unit: "binary" }), fc.string(), fc.string(), (secret, before, after) => {
      fc.pre(!"[redacted]".includes(secret) && !before.includes(secret) && !after.includes(secret));
      const redact = createRedactor([secret]);
      expect(redact(before + secret + after)).toContain("[redacted]");
      expect(redact(base64(before + secret + after))).toContain("[redacted]");
    }),
  );
});
