import type { Filter } from "./filter-definition.ts";
import { ENCODING_FILTERS } from "./filters/encoding-filters.ts";
import { NUMBER_FILTERS } from "./filters/number-filters.ts";
import { SELECTION_FILTERS } from "./filters/selection-filters.ts";
import { SEQUENCE_FILTERS } from "./filters/sequence-filters.ts";
import { TEXT_FILTERS } from "./filters/text-filters.ts";

/**
 * Every filter, by name. Of Jinja's, `attr` and `random` are missing: the one reaches behind the sandbox, the other gives
 * no two times the same; and `urlize`, which makes web pages.
 */
const FILTERS: ReadonlyMap<string, Filter> = new Map(
  [TEXT_FILTERS, NUMBER_FILTERS, SEQUENCE_FILTERS, SELECTION_FILTERS, ENCODING_FILTERS].flatMap((group) =>
    Object.entries(group),
  ),
);

export const filterNames: ReadonlySet<string> = new Set(FILTERS.keys());

export function filterNamed(name: string): Filter | undefined {
  return FILTERS.get(name);
}
