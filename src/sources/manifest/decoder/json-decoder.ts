import { z } from "zod";

import { parseExactly } from "#core/exact-json";
import { defineComponent } from "#sources/manifest/component";
import type { Scope } from "#sources/manifest/scope";
import type { Decoder } from "./decoder.ts";
import { decodeAs } from "./encoding.ts";
import { malformed } from "./malformed.ts";

/** One document; the items of a list are documents of their own, an empty list is one. Nothing counts as an empty object. */
export function jsonDecoder(scope: Scope): Decoder {
  return {
    async decode({ bytes, url }) {
      const body = decodeAs("utf-8", bytes);
      if (body.trim() === "") return [{}];
      let document: unknown;
      try {
        document = parseExactly(body);
      } catch {
        throw malformed(scope, url, "JSON", body);
      }
      if (!Array.isArray(document)) return [document ?? {}];
      return document.length === 0 ? [document] : document;
    },
  };
}

export const jsonDecoderComponent = defineComponent({
  type: "JsonDecoder",
  fields: z.object({}),
  build: (_fields, scope) => jsonDecoder(scope),
});
