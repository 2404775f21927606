import { unzipSync } from "fflate";
import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { SourceFailure } from "#sources/source";
import { decoder, type Decoder } from "./decoder.ts";
import { MAX_DECOMPRESSED_BYTES, tooLarge } from "./decompressed.ts";

/** Reads every file of an archive with another decoder. */
export const zipfileDecoder = defineComponent({
  type: "ZipfileDecoder",
  fields: z.object({ decoder: decoder.schema }),
  build(fields, scope): Decoder {
    const inner = fields.decoder(scope);
    return {
      async decode({ bytes, ...response }) {
        const documents: unknown[][] = [];
        for (const file of unzipped(bytes)) documents.push([...(await inner.decode({ ...response, bytes: file }))]);
        return documents.flat();
      },
    };
  },
});

function unzipped(bytes: Uint8Array): Uint8Array[] {
  let total = 0;
  try {
    const files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        total += originalSize;
        if (total > MAX_DECOMPRESSED_BYTES) throw tooLarge();
        return !name.endsWith("/");
      },
    });
    return Object.values(files);
  } catch (error) {
    if (error instanceof SourceFailure) throw error;
    throw new SourceFailure({ kind: "bad_response", message: "The answer is not a zip archive, or a broken one." });
  }
}
