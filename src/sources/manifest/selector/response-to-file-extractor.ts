import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { csvDecoder } from "#sources/manifest/decoder/csv-decoder";
import type { Decoder } from "#sources/manifest/decoder/decoder";
import { charsetOf } from "#sources/manifest/decoder/encoding";
import { gunzipped } from "#sources/manifest/decoder/gzip-decoder";
import type { Scope } from "#sources/manifest/scope";
import type { Extractor } from "./extractor.ts";

/** What pandas, which the Python CDK reads such files with, takes for nothing. */
const NOTHING: ReadonlySet<string> = new Set(
  ",#N/A,#N/A N/A,#NA,-1.#IND,-1.#QNAN,-NaN,-nan,1.#IND,1.#QNAN,<NA>,N/A,NA,NULL,NaN,None,n/a,nan,null".split(","),
);

/** The rows of a CSV file, gzip or not, whatever decoder the manifest has beside it. Empty cells are null. */
export const responseToFileExtractor = defineComponent({
  type: "ResponseToFileExtractor",
  fields: z.object({ preserve_na_values: z.boolean().nullish() }),
  build: ({ preserve_na_values: keepsWords }, scope): Extractor => ({
    decoder: fileDecoder(scope, keepsWords === true ? new Set([""]) : NOTHING),
    extract: (documents) => ({ records: documents, dropped: 0, isConclusive: true }),
  }),
});

function fileDecoder(scope: Scope, nothing: ReadonlySet<string>): Decoder {
  return {
    async decode({ bytes, headers, url }) {
      const encoding = charsetOf(headers["content-type"]) ?? "utf-8";
      const content = gunzipped(bytes).filter((byte) => byte !== 0);
      return csvDecoder(scope, { encoding, delimiter: ",", nothing }).decode({ bytes: content, headers, url });
    },
  };
}
