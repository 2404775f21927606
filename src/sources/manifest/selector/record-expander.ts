import { createFamily } from "#sources/manifest/family";

/** Makes several records of one: the items of a list in it. */
export interface RecordExpander {
  expand(record: unknown): readonly unknown[];
}

export const recordExpander = createFamily<RecordExpander>("a record expander");
