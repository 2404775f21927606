import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { decoder, type Decoder } from "./decoder.ts";
import { zipFiles } from "./zip-files.ts";

/** Reads every file of an archive with another decoder. */
export const zipfileDecoder = defineComponent({
  type: "ZipfileDecoder",
  fields: z.object({ decoder: decoder.schema }),
  build(fields, scope): Decoder {
    const inner = fields.decoder(scope);
    return {
      async decode({ bytes, ...response }) {
        const documents: unknown[] = [];
        for (const file of zipFiles(bytes)) {
          for (const document of await inner.decode({ ...response, bytes: file })) documents.push(document);
        }
        return documents;
      },
    };
  },
});
