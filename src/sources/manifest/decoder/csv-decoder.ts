import Papa from "papaparse";
import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import type { Scope } from "#sources/manifest/scope";
import type { Decoder } from "./decoder.ts";
import { decodeAs } from "./encoding.ts";
import { malformed } from "./malformed.ts";

interface CsvTerms {
  readonly encoding: string;
  readonly delimiter: string;
  /** Texts that stand for nothing. */
  readonly nothing: ReadonlySet<string>;
}

/** Where a row has more cells than the header, Python's reader keeps the rest under no name: JSON's name for it. */
const REST = "null";

/** A row a document, its values as text; the first row has the names. Cells that a row lacks are null. */
export function csvDecoder(
  scope: Scope,
  { encoding, delimiter, nothing }: CsvTerms = { encoding: "utf-8", delimiter: ",", nothing: new Set([""]) },
): Decoder {
  return {
    async decode({ bytes, url }) {
      const text = decodeAs(encoding, bytes);
      const { data, errors } = Papa.parse<string[]>(text, { delimiter, skipEmptyLines: true });
      const [broken] = errors.filter(({ type }) => type === "Quotes");
      if (broken !== undefined) throw malformed(scope, url, `CSV (row ${(broken.row ?? 0) + 1})`, text);
      const [names = [], ...rows] = data;
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

export const csvDecoderComponent = defineComponent({
  type: "CsvDecoder",
  fields: z.object({
    encoding: z.string().nullish(),
    delimiter: z.string().nullish(),
    set_values_to_none: z.array(z.string()).nullish(),
  }),
  build: ({ encoding, delimiter, set_values_to_none: nothing }, scope) =>
    csvDecoder(scope, {
      encoding: encoding ?? "utf-8",
      delimiter: unescaped(delimiter ?? ","),
      nothing: new Set(nothing),
    }),
});

/** A manifest writes a tab as `\t`, in two characters. */
function unescaped(delimiter: string): string {
  return delimiter.startsWith("\\") ? (ESCAPES.get(delimiter) ?? delimiter.slice(1)) : delimiter;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\\t", "\t"],
  ["\\n", "\n"],
  ["\\r", "\r"],
]);
