import type { JsonObject } from "#core/json";

export type Tables = ReadonlyMap<string, readonly JsonObject[]>;

const START = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

/** The same in an order that is neither that of ids nor that of numbers: each comes seven places after the one before. */
function shuffled(rows: readonly JsonObject[]): JsonObject[] {
  const places = rows.map((row, index) => ({ row, place: (index * 7) % rows.length }));
  return places.toSorted((one, other) => one.place - other.place).map(({ row }) => row);
}

/** `PREFIX0`, `PREFIX1`, …, an hour apart. */
function rowsOf(prefix: string, count: number): JsonObject[] {
  return shuffled(Array.from({ length: count }, (_, index) => aRow(`${prefix}${index}`, index)));
}

function aRow(id: string, hour: number, fields: JsonObject = {}): JsonObject {
  return { id, updated_at: new Date(START + hour * HOUR_MS).toISOString().replace(".000", ""), ...fields };
}

const notesOf = (count: number): JsonObject[] =>
  Array.from({ length: count }, (_, index) => ({ text: `Note ${index}`, stars: index % 5 }));

/** Of the connection that is half-way through a pass, when its first job read them. */
export const PASS_AT_FIRST: Tables = new Map([
  ["companies", rowsOf("c", 30)],
  ["people", rowsOf("p", 25)],
  ["notes", notesOf(12)],
]);

/** When its second job read them. */
export const PASS_GROWN: Tables = new Map([...PASS_AT_FIRST, ["companies", rowsOf("c", 60)]]);

/** Ids of rows, by path, that are gone when the pass begins: here and there, so that each bit of the marks matters. */
export const GONE: ReadonlyMap<string, readonly string[]> = new Map([
  ["companies", idsOf("c", 60, (index) => index % 5 === 2 || index % 11 === 3)],
  ["people", idsOf("p", 25, (index) => index % 7 === 1 || index === 16)],
]);

function idsOf(prefix: string, count: number, isOne: (index: number) => boolean): string[] {
  return Array.from({ length: count }, (_, index) => index)
    .filter(isOne)
    .map((index) => `${prefix}${index}`);
}

/** What the pass reads. */
export const PASS_NOW: Tables = new Map([
  ["companies", [aRow("c60", 60), ...shuffled(without(PASS_GROWN, "companies").map(withNewsOf("c59")))]],
  ["people", [...shuffled(without(PASS_GROWN, "people").map(withNewsOf("p2"))), aRow("p25", 25)]],
  ["notes", [...notesOf(12).slice(1), { text: "Note 0, rewritten", stars: 0 }]],
]);

function without(tables: Tables, path: string): JsonObject[] {
  const gone = new Set(GONE.get(path));
  return (tables.get(path) ?? []).filter(({ id }) => typeof id !== "string" || !gone.has(id));
}

function withNewsOf(id: string): (row: JsonObject) => JsonObject {
  return (row) => (row["id"] === id ? { ...row, news: true } : row);
}

/** Of the connection that has synced, when its first job read them. */
export const CUSTOM_AT_FIRST: Tables = new Map([
  ["companies", rowsOf("c", 12)],
  ["people", rowsOf("p", 15)],
  ["notes", notesOf(5)],
]);

/** When its second one did. */
export const CUSTOM_SYNCED: Tables = new Map([...CUSTOM_AT_FIRST, ["people", [...rowsOf("p", 15), aRow("p15", 20)]]]);

/** Afterwards. */
export const CUSTOM_NOW: Tables = new Map([
  ["companies", rowsOf("c", 12).filter(({ id }) => id !== "c5")],
  ["people", [...rowsOf("p", 15), aRow("p15", 20), aRow("p16", 21)]],
  ["notes", [...notesOf(5), { text: "Note 5", stars: 5 }]],
]);
