import { describe, expect, test } from "vitest";

import { ENTITY_LIMIT_BYTES } from "#core/entity";
import { CHUNK_BITS, emptyChunk, setBit } from "#core/bitmap";
import type { Copy, EntityRow } from "#sync/copy";

/** Gives `use` an empty copy, inside whatever surroundings it needs. */
export type WithCopy = (use: (copy: Copy) => void) => Promise<void>;

const STREAM = 0;

/** What every copy of entities has to do, whatever it is stored in. */
export function describeCopy(name: string, withCopy: WithCopy): void {
  describe(`${name}, as every copy,`, () => {
    test("has nothing at first", () =>
      withCopy((copy) => {
        expect(copy.find(STREAM, ["a"])).toEqual(new Map());
        expect(copy.find(STREAM, [])).toEqual(new Map());
        expect(copy.scan(STREAM, null, 10)).toEqual([]);
        expect(copy.marks(STREAM, 0)).toBeNull();
      }));

    test("finds what was written, and only that", () =>
      withCopy((copy) => {
        put(copy, [row("a", 0), row("b", 1)]);

        expect(copy.find(STREAM, ["b", "c", "a"])).toEqual(new Map([stored(row("a", 0)), stored(row("b", 1))]));
      }));

    test("keeps streams apart, also where ids are the same", () =>
      withCopy((copy) => {
        put(copy, [row("a", 0)]);
        put(copy, [row("a", 5, '{"id":"a","other":true}')], [], 1);
        put(copy, [], ["a"], 0);

        expect(copy.find(0, ["a"]).size).toBe(0);
        expect(copy.find(1, ["a"])).toEqual(new Map([["a", { number: 5, text: '{"id":"a","other":true}' }]]));
        expect(copy.scan(0, null, 10)).toEqual([]);
        expect(copy.scan(1, null, 10)).toEqual([{ id: "a", number: 5 }]);
      }));

    test("replaces the text of an entity and leaves its number", () =>
      withCopy((copy) => {
        put(copy, [row("a", 3)]);
        put(copy, [row("a", 3, '{"id":"a","v":2}')]);

        expect(copy.find(STREAM, ["a"])).toEqual(new Map([["a", { number: 3, text: '{"id":"a","v":2}' }]]));
      }));

    test("deletes, and does not mind what is not there", () =>
      withCopy((copy) => {
        put(copy, [row("a", 0), row("b", 1)]);
        put(copy, [], ["a", "never"]);

        expect(copy.scan(STREAM, null, 10)).toEqual([{ id: "b", number: 1 }]);
      }));

    test("upserts and deletes in one change", () =>
      withCopy((copy) => {
        put(copy, [row("a", 0), row("b", 1)]);
        put(copy, [row("a", 0, '{"v":2}'), row("c", 2)], ["b"]);

        expect(copy.find(STREAM, ["a", "b", "c"])).toEqual(
          new Map([["a", { number: 0, text: '{"v":2}' }], stored(row("c", 2))]),
        );
      }));

    test("takes ids with anything in them for what they are", () =>
      withCopy((copy) => {
        const ids = [
          "it's",
          'say "hi"',
          "back\\slash",
          "new\nline",
          "tab\t",
          "\u0001",
          "\u00e9",
          "e\u0301",
          "🚰",
          "👩‍👩‍👧",
          "水",
          "%_*?",
          "null",
          "1",
          "01",
          "1.0",
          " ",
          " a",
          "a ",
          "A",
          "a",
          "__proto__",
          '["a","b"]',
          "'; DROP TABLE entities; --",
          "x".repeat(2_000),
          "\u0001".repeat(2_000),
        ];
        put(
          copy,
          ids.map((id, number) => row(id, number)),
        );

        expect(copy.find(STREAM, ids)).toEqual(new Map(ids.map((id, number) => stored(row(id, number)))));
        expect(new Set(copy.scan(STREAM, null, 100).map(({ id }) => id))).toEqual(new Set(ids));
        put(copy, [], ids);
        expect(copy.scan(STREAM, null, 100)).toEqual([]);
      }));

    test("does not confuse ids that can't be stored with others", () =>
      withCopy((copy) => {
        put(copy, [row("a", 0), row("\ufffd", 1)]);

        for (const id of ["a\0b", "\ud800", ""]) expect(copy.find(STREAM, [id]).get(id)).toBeUndefined();
      }));

    test("keeps JSON text to the letter, escapes and big numbers included", () =>
      withCopy((copy) => {
        const text = '{"a":"\\u0000 \\ud800 \\" \\\\ \\/","n":1e400,"d":0.10,"z":-0,"b":12345678901234567890,"🚰":"é"}';
        put(copy, [row("a", 0, text)]);

        expect(copy.find(STREAM, ["a"]).get("a")?.text).toBe(text);
      }));

    test("keeps an entity that is nested deeper than SQLite's own JSON goes, and the others of its page", () =>
      withCopy((copy) => {
        const deep = `{"id":"deep","at":${"[".repeat(3_000)}${"]".repeat(3_000)}}`;
        const rows = [row("a", 0), row("deep", 1, deep), row("b", 2)];
        put(copy, rows);

        expect(copy.find(STREAM, ["deep", "a", "b"])).toEqual(new Map(rows.map(stored)));
      }));

    test("holds entities up to the limit, whatever their characters take", () =>
      withCopy((copy) => {
        const rows = ["x", "ß", "水", "🚰", '\\"', "\\\\"].map((unit, number) => {
          const bytes = new TextEncoder().encode(unit).byteLength;
          const frame = '{"v":""}'.length;
          return row(
            `large ${number}`,
            number,
            `{"v":"${unit.repeat(Math.floor((ENTITY_LIMIT_BYTES - frame) / bytes))}"}`,
          );
        });
        put(copy, rows);

        for (const { id, text } of rows) expect(copy.find(STREAM, [id]).get(id)?.text === text).toBe(true);
      }));

    test("takes pages of more than 2 MB, made of quotes or of wide characters", () =>
      withCopy((copy) => {
        const rows = ['\\"', "水", "a"].flatMap((unit, kind) =>
          Array.from({ length: 40 }, (_, index) =>
            row(`${kind}-${index}`, kind * 40 + index, `{"v":"${unit.repeat(50_000)}"}`),
          ),
        );
        put(copy, rows);

        const found = copy.find(
          STREAM,
          rows.map(({ id }) => id),
        );
        expect(found.size).toBe(120);
        expect(rows.every(({ id, text }) => found.get(id)?.text === text)).toBe(true);
      }));

    test("takes as many long ids as a page can hold, all of them characters that are escaped", () =>
      withCopy((copy) => {
        const rows = Array.from({ length: 700 }, (_, index) => row(`${"\u0001".repeat(1_990)}${index}`, index, "{}"));
        put(copy, rows);
        const ids = rows.map(({ id }) => id);

        expect(copy.find(STREAM, ids).size).toBe(700);
        put(copy, [], ids);
        expect(copy.find(STREAM, ids).size).toBe(0);
      }));

    test("scans in one order, from where it was told, to the limit; 5,000 at a time", () =>
      withCopy((copy) => {
        const ids = Array.from(
          { length: 12_000 },
          (_, index) => `${(index * 7_919) % 12_000}-${index % 2 ? "水" : "🚰"}`,
        );
        put(
          copy,
          ids.map((id, number) => row(id, number, "{}")),
        );

        const scanned: string[] = [];
        for (let after: string | null = null, size = 5_000; size === 5_000;) {
          const batch = copy.scan(STREAM, after, 5_000);
          scanned.push(...batch.map(({ id }) => id));
          after = batch.at(-1)?.id ?? after;
          size = batch.length;
        }
        expect(scanned).toHaveLength(12_000);
        expect(new Set(scanned)).toEqual(new Set(ids));
      }));

    test("goes on with a scan behind an id that has been deleted meanwhile", () =>
      withCopy((copy) => {
        put(copy, [row("a", 0), row("b", 1), row("c", 2)]);
        const [first] = copy.scan(STREAM, null, 1);
        put(copy, [], ["a"]);

        expect(first).toEqual({ id: "a", number: 0 });
        expect(copy.scan(STREAM, "a", 10)).toEqual([
          { id: "b", number: 1 },
          { id: "c", number: 2 },
        ]);
      }));

    test("keeps marks by stream and chunk, and what was saved is not what is changed later", () =>
      withCopy((copy) => {
        const marks = emptyChunk();
        setBit(marks, 8);
        copy.saveMarks(STREAM, 0, marks);
        copy.saveMarks(STREAM, 2, emptyChunk());
        copy.saveMarks(1, 0, emptyChunk());
        setBit(marks, 9);

        expect(copy.marks(STREAM, 0)?.[1]).toBe(1);
        expect(copy.marks(STREAM, 0)).toHaveLength(CHUNK_BITS / 8);
        expect(copy.marks(STREAM, 1)).toBeNull();
        copy.saveMarks(STREAM, 0, marks);
        expect(copy.marks(STREAM, 0)?.[1]).toBe(3);
        copy.clearMarks(STREAM);
        expect([copy.marks(STREAM, 0), copy.marks(STREAM, 2)]).toEqual([null, null]);
        expect(copy.marks(1, 0)).not.toBeNull();
      }));
  });
}

type Row = Omit<EntityRow, "isNew">;

function row(id: string, number: number, text = JSON.stringify({ id, number })): Row {
  return { id, number, text };
}

function stored({ id, number, text }: Row): [string, { number: number; text: string }] {
  return [id, { number, text }];
}

function put(copy: Copy, rows: readonly Row[], deletes: readonly string[] = [], stream = STREAM): void {
  const known = copy.find(
    stream,
    rows.map(({ id }) => id),
  );
  copy.write(
    { stream, jobId: "job-1", at: 1_000, deletes },
    rows.map((each) => ({ ...each, isNew: !known.has(each.id) })),
  );
}
