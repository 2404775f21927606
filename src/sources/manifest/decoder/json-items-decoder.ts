import { z } from "zod";

import { parseExactly } from "#core/exact-json";
import { isJsonObject, type Json } from "#core/json";
import { defineComponent } from "#sources/manifest/component";
import type { Decoder } from "./decoder.ts";
import { decodeAs, encodingName } from "./encoding.ts";
import { malformed } from "./malformed.ts";

/** The items of a list in a document: `items_path` is its place, with dots. */
export const jsonItemsDecoder = defineComponent({
  type: "JsonItemsDecoder",
  fields: z.object({ items_path: z.string().min(1), encoding: encodingName.nullish() }),
  build: ({ items_path: path, encoding }, scope): Decoder => ({
    async decode({ bytes, url }) {
      const body = decodeAs(encoding ?? "utf-8", bytes);
      let document: Json;
      try {
        document = parseExactly(body);
      } catch {
        throw malformed(scope, url, "JSON", body);
      }
      return path
        .split(".")
        .reduce(within, [document])
        .flatMap((found) => (Array.isArray(found) ? found : []));
    },
  }),
});

/** As Python's ijson has it, `item` stands for every item of a list. */
function within(found: readonly Json[], part: string): readonly Json[] {
  return found.flatMap((value) => {
    if (Array.isArray(value)) return part === "item" ? value : [];
    return isJsonObject(value) && Object.hasOwn(value, part) ? [value[part] ?? null] : [];
  });
}
