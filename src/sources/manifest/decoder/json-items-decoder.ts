import { z } from "zod";

import { parseExactly } from "#core/exact-json";
import { isJsonObject, type Json } from "#core/json";
import { defineComponent } from "#sources/manifest/component";
import type { Decoder } from "./decoder.ts";
import { decodeAs } from "./encoding.ts";
import { malformed } from "./malformed.ts";

/** The items of one list in a document: `items_path` is its place, with dots. */
export const jsonItemsDecoder = defineComponent({
  type: "JsonItemsDecoder",
  fields: z.object({ items_path: z.string().min(1), encoding: z.string().default("utf-8") }),
  build: ({ items_path: path, encoding }, scope): Decoder => ({
    async decode({ bytes, url }) {
      const body = decodeAs(encoding, bytes);
      let found: Json;
      try {
        found = parseExactly(body);
      } catch {
        throw malformed(scope, url, "JSON", body);
      }
      for (const part of path.split(".")) {
        found = isJsonObject(found) && Object.hasOwn(found, part) ? (found[part] ?? null) : null;
      }
      return Array.isArray(found) ? found : [];
    },
  }),
});
