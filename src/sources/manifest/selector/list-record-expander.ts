import { z } from "zod";

import { defineComponent } from "#sources/manifest/component";
import { isGlob } from "#sources/manifest/record/glob";
import { placesAt, setAt, valueAt, type Path } from "#sources/manifest/record/path";
import { copyOf, copyOfRecord, isRecord, setField, type MutableRecord } from "#sources/manifest/record/record";
import { text } from "#sources/manifest/text";
import { SourceFailure } from "#sources/source";
import type { RecordExpander } from "./record-expander.ts";

const plainPath = z.array(text).min(1);

const fields = z.object({
  expand_records_from_field: z.array(text),
  remain_original_record: z.boolean().nullish(),
  parent_fields: z.array(z.object({ parent_path: plainPath, record_path: plainPath })).nullish(),
  merge_parent: z.boolean().nullish(),
  on_no_records: z.enum(["skip", "emit_parent"]).default("skip"),
  truncated_list_retriever: z
    .unknown()
    .optional()
    .refine(
      (retriever) => retriever === undefined || retriever === null,
      "Sluice does not ask for the rest of a list while it expands records: read the list as a substream instead.",
    ),
});

/** A field's value, and where a record that was a list's item gets it. */
interface ParentField {
  readonly from: Path;
  readonly to: Path;
}

/**
 * The items of the lists in a record are records of their own. They can carry fields of the record that they were in:
 * merged under theirs, by name, or as a whole in `original_record`.
 */
export const listRecordExpander = defineComponent({
  type: "RecordExpander",
  fields,
  build(definition, scope): RecordExpander {
    const pathOf = (path: z.output<typeof plainPath>): Path => path.map((part) => part(scope).text());
    const lists = pathOf(definition.expand_records_from_field);
    const parentFields = (definition.parent_fields ?? []).map((field): ParentField => ({
      from: plain(pathOf(field.parent_path)),
      to: plain(pathOf(field.record_path)),
    }));
    const keepsOriginal = definition.remain_original_record === true;
    const mergesParent = definition.merge_parent === true;
    const hasContext = keepsOriginal || mergesParent || parentFields.length > 0;

    const itemIn = (parent: MutableRecord, base: MutableRecord | null) => (item: unknown) => {
      if (!isRecord(item) && !hasContext) return item;
      const own = isRecord(item) ? Object.entries(item) : [["value", item] satisfies [string, unknown]];
      const record: MutableRecord = Object.fromEntries([
        ...Object.entries(base === null ? {} : copyOfRecord(base)),
        ...own,
      ]);
      for (const { from, to } of parentFields) setAt(record, to, copyOf(valueAt(parent, from) ?? null));
      if (keepsOriginal) setField(record, "original_record", copyOf(parent));
      return record;
    };

    return {
      expand(parent) {
        if (!isRecord(parent) || lists.length === 0) return [parent];
        const items = placesAt(parent, lists).flatMap(({ value }) => (Array.isArray(value) ? value : []));
        if (items.length === 0) return definition.on_no_records === "emit_parent" ? [parent] : [];
        const base = mergesParent ? withoutLists(parent, lists) : null;
        if (keepsOriginal) refuseCopies(parent, items.length);
        if (base !== null) refuseCopies(base, items.length);
        return items.map(itemIn(parent, base));
      },
    };
  },
});

/** The record without the lists that its items come from; what is beside them stays. */
function withoutLists(record: MutableRecord, lists: Path): MutableRecord {
  const copy = copyOfRecord(record);
  // From the last to the first, so that no item of a list has moved before its turn.
  for (const { container, key, value } of placesAt(copy, lists).toReversed()) {
    if (!Array.isArray(value)) continue;
    if (Array.isArray(container)) container.splice(Number(key), 1);
    else delete container[key];
  }
  return copy;
}

/** What the copies of a record in its items may come to, in characters of JSON: an isolate has 128 MB. */
const MAX_COPIED_LENGTH = 32_000_000;

function refuseCopies(record: MutableRecord, count: number): void {
  if (JSON.stringify(record).length * count <= MAX_COPIED_LENGTH) return;
  throw new SourceFailure({
    kind: "bad_response",
    message: `A record has ${count} items that would each carry a copy of it, more than there is memory for. Ask for smaller pages, or name the fields to carry in the record expander's parent_fields.`,
    final: true,
  });
}

function plain(path: Path): Path {
  const pattern = path.find(isGlob);
  if (pattern === undefined) return path;
  throw new SourceFailure({
    kind: "bad_request",
    message: `"${pattern}" in the record expander's parent_fields is a pattern, where the name of one field is expected.`,
    final: true,
  });
}
