import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import type { Scope } from "#sources/manifest/scope";
import { csvRows, UnclosedQuote } from "./csv-rows.ts";
import type { Decoder } from "./decoder.ts";
import { decodeAs, encodingName } from "./encoding.ts";
import { malformed } from "./malformed.ts";

interface CsvTerms {
  readonly encoding: string;
  /** One character. */
  readonly delimiter: string;
  /** Texts that stand for nothing. */
  readonly nothing: ReadonlySet<string>;
}

/** Where a row has more cells than the header, Python's reader keeps the rest under no name: JSON's name for it. */
const REST = "null";

/** A row a document, its values as text; the first row has the names. Cells that a row lacks are null. */
export function csvDecoder(scope: Scope, { encoding, delimiter, nothing }: CsvTerms): Decoder {
  return {
    async decode({ bytes, url }) {
      const text = decodeAs(encoding, bytes);
      const [names = [], ...rows] = rowsOf(text, delimiter, (row) => malformed(scope, url, `CSV (row ${row})`, text));
      return rows.map((cells) => {
        const row = names.map((name, index): [string, string | null] => {
          const cell = cells[index];
          return [name, cell === undefined || nothing.has(cell) ? null : cell];
        });
        const rest: [string, string[]][] = cells.length > names.length ? [[REST, cells.slice(names.length)]] : [];
        return Object.fromEntries<string | string[] | null>([...row, ...rest]);
      });
    },
  };
}

function rowsOf(text: string, delimiter: string, failure: (row: number) => Error): string[][] {
  try {
    return csvRows(text, delimiter);
  } catch (error) {
    throw error instanceof UnclosedQuote ? failure(error.row) : error;
  }
}

/** A manifest writes a tab as `\t`, in two characters. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\\t", "\t"],
  ["\\n", "\n"],
  ["\\r", "\r"],
  ["\\f", "\f"],
  ["\\v", "\v"],
]);

const delimiter = z
  .string()
  .transform((text) => ESCAPES.get(text) ?? (text.startsWith("\\") ? escaped(text) : text))
  .refine((text) => text.length <= 1, "A delimiter is one character, or a backslash and what stands for one.");

export const csvDecoderComponent = defineComponent({
  type: "CsvDecoder",
  fields: z.object({
    encoding: encodingName.nullish(),
    delimiter: delimiter.nullish(),
    set_values_to_none: z.array(z.string()).nullish(),
  }),
  build: (fields, scope) =>
    csvDecoder(scope, {
      encoding: fields.encoding ?? "utf-8",
      // Empty counts as left out.
      delimiter: fields.delimiter || ",",
      nothing: new Set(fields.set_values_to_none),
    }),
});

/** `\x1f`, `\u001f`, `\\`, or a character that needs no backslash. */
function escaped(text: string): string {
  const code = /^\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4}))$/.exec(text);
  const digits = code?.[1] ?? code?.[2];
  return digits === undefined ? text.slice(1) : String.fromCodePoint(Number.parseInt(digits, 16));
}
