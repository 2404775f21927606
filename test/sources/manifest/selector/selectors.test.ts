import { gzipSync } from "fflate";
import { beforeAll, describe, expect, test } from "vitest";

import type { JsonObject } from "#core/json";
import { combinedExtractor } from "#sources/manifest/selector/combined-extractor";
import { conditionRecordFilter } from "#sources/manifest/selector/condition-record-filter";
import { dpathExtractor } from "#sources/manifest/selector/dpath-extractor";
import { extractor } from "#sources/manifest/selector/extractor";
import { listRecordExpander } from "#sources/manifest/selector/list-record-expander";
import { recordExpander } from "#sources/manifest/selector/record-expander";
import { recordFilter } from "#sources/manifest/selector/record-filter";
import { recordSelector } from "#sources/manifest/selector/record-selector";
import { responseToFileExtractor } from "#sources/manifest/selector/response-to-file-extractor";
import { SourceFailure } from "#sources/source";
import { manifestScope } from "#test/support/manifest-scope";

beforeAll(() => {
  extractor.join([dpathExtractor, combinedExtractor, responseToFileExtractor]);
  recordExpander.join([listRecordExpander]);
  recordFilter.join([conditionRecordFilter]);
});

const dpath = (...path: string[]) => ({ type: "DpathExtractor", field_path: path });
const expanding = (options: object) => ({
  ...dpath("items"),
  record_expander: { type: "RecordExpander", expand_records_from_field: ["lines"], ...options },
});

function select(definition: object, document: unknown, config: JsonObject = {}) {
  const terms = { transformations: [], schema: null, transformsFirst: false };
  const selector = recordSelector.schema.parse({ type: "RecordSelector", ...definition })(manifestScope(config))(terms);
  return selector.select([document], {}, () => true);
}

describe("the size of a page", () => {
  test("counts what is filtered out and what is no object, since the API counted it too", () => {
    const { records, misfits, extractedCount } = select(
      { extractor: dpath("items"), record_filter: { type: "RecordFilter", condition: "{{ record.id == 1 }}" } },
      { items: [{ id: 1 }, { id: 2 }, 3] },
    );
    expect({ records, misfits, extractedCount }).toEqual({ records: [{ id: 1 }], misfits: [3], extractedCount: 3 });
  });

  test.each([
    ["union", 5, [{ id: 1 }, { id: 2 }]],
    ["first_match", 3, [{ id: 1 }]],
  ])("counts empty records that are skipped: %s", (mode, count, records) => {
    const extractors = [dpath("none"), dpath("a"), dpath("b")];
    const combined = { type: "CombinedExtractor", mode, skip_empty_records: true, extractors };
    const selection = select({ extractor: combined }, { a: [null, {}, { id: 1 }], b: [{ id: 2 }, null] });
    expect(selection.records).toEqual(records);
    expect(selection.extractedCount).toBe(count);
  });

  test("counts empty records also where extractors are combined twice", () => {
    const inner = { type: "CombinedExtractor", skip_empty_records: true, extractors: [dpath("a")] };
    const outer = { type: "CombinedExtractor", extractors: [inner, dpath("b")] };
    expect(select({ extractor: outer }, { a: [null, { id: 1 }], b: [{ id: 2 }] }).extractedCount).toBe(3);
  });
});

describe("expanded records", () => {
  test("share nothing with each other that a transformation could change", () => {
    const { records } = select(
      { extractor: expanding({ remain_original_record: true, merge_parent: true }) },
      { items: [{ lines: [{ id: 1 }, { id: 2 }], tags: ["t"] }] },
    );
    const [first, second] = records;
    expect(first?.["tags"]).not.toBe(second?.["tags"]);
    expect(first?.["original_record"]).not.toBe(second?.["original_record"]);
  });

  test.each([{ remain_original_record: true }, { merge_parent: true }])(
    "that would each carry a large record are refused before they fill the memory: %j",
    (options) => {
      const large = { lines: Array.from({ length: 1000 }, (_, id) => ({ id })), text: "x".repeat(100_000) };
      expect(() => select({ extractor: expanding(options) }, { items: [large] })).toThrow(SourceFailure);
    },
  );

  test("keep numbers that a double can't hold", () => {
    const id: unknown = JSON.rawJSON("12345678901234567890");
    const { records } = select(
      { extractor: expanding({ merge_parent: true }) },
      { items: [{ id, lines: [{ n: id }] }] },
    );
    expect(JSON.stringify(records)).toBe('[{"id":12345678901234567890,"n":12345678901234567890}]');
  });

  test("are refused at check where the rest of a list would have to be asked for", () => {
    const definition = expanding({ truncation_indicator_path: ["more"], truncated_list_retriever: { type: "x" } });
    const { error } = extractor.schema.safeParse(definition);
    expect(error?.issues.map(({ path }) => path)).toEqual([["record_expander", "truncated_list_retriever"]]);
  });

  test("can't take a parent's fields by a pattern", () => {
    const options = { parent_fields: [{ parent_path: ["*"], record_path: ["x"] }] };
    expect(() => select({ extractor: expanding(options) }, {})).toThrow(/pattern/);
  });
});

test("an extractor that is to find one place and finds several fails, instead of leaving records out", () => {
  expect(() => select({ extractor: dpath("item?") }, { items: [1], itemz: [2] })).toThrow(SourceFailure);
});

function filtered(condition: string) {
  const { records } = select(
    { extractor: dpath("items"), record_filter: { type: "RecordFilter", condition } },
    { items: [{ id: 1 }, { id: 2, nested: { ok: true } }] },
    { wanted: 2 },
  );
  return records.map(({ id }) => id);
}

test("a filter sees the config, and what is not defined is false", () => {
  expect(filtered("{{ record.id == config.wanted }}")).toEqual([2]);
  expect(filtered("{{ record.nested.ok }}")).toEqual([2]);
  expect(filtered("")).toEqual([]);
});

test("a downloaded file is read as CSV, gzip or not, without null bytes", async () => {
  const found = extractor.schema.parse({ type: "ResponseToFileExtractor" })(manifestScope({}));
  const read = async (bytes: Uint8Array) =>
    found.extract((await found.decoder?.decode({ bytes, headers: {}, url: "https://x.example" })) ?? []).records;
  const bytes = new TextEncoder().encode("id,na\u0000me\n1,\n2,\u0000b\n");
  const rows = [
    { id: "1", name: null },
    { id: "2", name: "b" },
  ];
  expect(await read(bytes)).toEqual(rows);
  expect(await read(gzipSync(bytes))).toEqual(rows);
});
