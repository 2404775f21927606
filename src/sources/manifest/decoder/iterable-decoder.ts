import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import type { Decoder } from "./decoder.ts";
import { decodeAs } from "./encoding.ts";

/** A line of text is a document with the field `record`. */
export const iterableDecoder = defineComponent({
  type: "IterableDecoder",
  fields: z.object({}),
  build: (): Decoder => ({
    async decode({ bytes }) {
      const lines = decodeAs("utf-8", bytes).split(/\r\n|[\n\r]/);
      // The end of the last line begins no other.
      if (lines.at(-1) === "") lines.pop();
      return lines.map((record) => ({ record }));
    },
  }),
});
