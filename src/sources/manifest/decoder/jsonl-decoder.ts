import { z } from "zod";

import { parseExactly } from "#core/exact-json";
import { defineComponent } from "#sources/manifest/component";
import type { Decoder } from "./decoder.ts";
import { decodeAs } from "./encoding.ts";
import { malformed } from "./malformed.ts";

/** A document a line. A line that is none fails the page: left out, it would be missing from a copy that says it is complete. */
export const jsonlDecoder = defineComponent({
  type: "JsonlDecoder",
  fields: z.object({}),
  build: (_fields, scope): Decoder => ({
    async decode({ bytes, url }) {
      const lines = decodeAs("utf-8", bytes)
        .split("\n")
        .filter((line) => line.trim() !== "");
      return lines.map((line, index) => {
        try {
          return parseExactly(line);
        } catch {
          throw malformed(scope, url, `JSON in line ${index + 1}`, line);
        }
      });
    },
  }),
});
