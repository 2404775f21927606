import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";

import { encodeQuery, withoutRepeated } from "#sources/manifest/requester/query";
import { joinUrl, preparedUrl } from "#sources/manifest/requester/url";

/*
 * The tables say what the CDK joined and what `requests` wrote on the wire; oracle.py beside them made them.
 */

const joined = read(
  "joined-urls.json",
  z.object({ base: z.string(), path: z.string(), url: z.string(), sent: z.string().nullable() }),
);
const prepared = read(
  "prepared-urls.json",
  z.object({ url: z.string(), params: z.record(z.string(), z.json()), sent: z.string().nullable() }),
);

test.each(joined)("$base and $path are joined as the CDK joins them", ({ base, path, url, sent }) => {
  expect(joinUrl(base, path)).toBe(url);
  expect(onTheWire(preparedUrl(url, ""))).toBe(asSent(sent));
});

test.each(prepared)("$url with $params is written as `requests` writes it", ({ url, params, sent }) => {
  expect(onTheWire(preparedUrl(url, encodeQuery(withoutRepeated(params, url))))).toBe(asSent(sent));
});

describe("a query's values", () => {
  test("come back as they were, whatever they are", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (name, value) => {
        const url = new URL(preparedUrl("https://h.example/a?own=1", encodeQuery({ [name]: value })) ?? "");
        expect(url.searchParams.getAll(name).at(-1)).toBe(value);
      }),
    );
  });

  test("that are integers beyond a double are sent digit by digit", () => {
    expect(encodeQuery({ after: JSON.rawJSON("12345678901234567890") })).toBe("after=12345678901234567890");
  });
});

test("any text is an address or none, and never an error", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (base, path) => {
      const sent = preparedUrl(joinUrl(`https://h.example/${base}`, path), "");
      expect(sent === null || URL.canParse(sent)).toBe(true);
    }),
  );
});

/** What `fetch` sends for the address that it is given. */
function onTheWire(url: string | null): string | null {
  return url === null ? null : unquoted(new URL(url).href);
}

/** Fragments are not sent, nor are a user's name and password; a port that goes without saying need not be. */
function asSent(url: string | null): string | null {
  if (url === null || !/^https?:/.test(url)) return null;
  return unquoted(url.replace(/#.*/, "").replace("user:pass@", "").replace(":443/", "/"));
}

/** Of all characters the Fetch standard escapes this one where Python does not; it means the same to a server. */
function unquoted(url: string): string {
  return url.replaceAll("%27", "'");
}

function read<T>(name: string, row: z.ZodType<T>): T[] {
  return z.array(row).parse(JSON.parse(readFileSync(join(import.meta.dirname, name), "utf8")));
}
