import { expect, test } from "vitest";

import { isPackable, packEntities, type PackedEntities } from "#connection/packed-entities";

const row = (id: string, number: number, text: string, isNew = true) => ({ id, number, text, isNew });

test("ids and texts of any characters come out of a pack as they went in", () => {
  const rows = [row("a", 7, '{"a":1}'), row("žluťoučký-𝄞", 8, '{"b":"数据 𝄞"}'), row('"c"', 9, "{}")];
  const packs = packEntities(rows);
  expect(packs.map(({ firstNumber }) => firstNumber)).toEqual([7]);
  expect(packs.flatMap(unpack)).toEqual(rows.map(({ id, text }) => [id, text]));
});

test("a full pack is followed by another, and nothing is lost between them", () => {
  const rows = Array.from({ length: 40 }, (_, index) => row(`id-${index}`, index, `"${"€".repeat(index * 1_000)}"`));
  const packs = packEntities(rows);
  expect(packs.length).toBeGreaterThan(2);
  for (const { bytes } of packs) expect(bytes.byteLength).toBeLessThanOrEqual(2 ** 20);
  expect(packs.flatMap(unpack)).toEqual(rows.map(({ id, text }) => [id, text]));
  const numbers = packs.flatMap((pack) => unpack(pack).map((_, index) => pack.firstNumber + index));
  expect(numbers).toEqual(rows.map(({ number }) => number));
});

test("new entities whose numbers do not follow are in packs of their own; those of stored ones do not matter", () => {
  const gap = [row("a", 1, "{}"), row("b", 3, "{}")];
  expect(packEntities(gap).map(({ firstNumber }) => firstNumber)).toEqual([1, 3]);
  expect(packEntities(gap.map((each) => ({ ...each, isNew: false })))).toHaveLength(1);
});

test("an entity is packable if it fits whatever its characters are", () => {
  expect(isPackable(row("id", 0, "x".repeat(349_000)))).toBe(true);
  expect(isPackable(row("id", 0, "x".repeat(350_000)))).toBe(false);
});

/** As SQLite does it. */
function unpack({ bytes, places }: PackedEntities): [string, string][] {
  const parsed: unknown = JSON.parse(places);
  if (!Array.isArray(parsed)) throw new TypeError("Places are a list.");
  return parsed.map((place: number) => {
    const value = BigInt(place);
    const [idBytes, start] = [Number(value >> 40n), Number((value >> 20n) & 1_048_575n)];
    return [textIn(bytes, start, idBytes), textIn(bytes, start + idBytes, Number(value & 1_048_575n))];
  });
}

function textIn(bytes: ArrayBuffer, from: number, length: number): string {
  return new TextDecoder().decode(new Uint8Array(bytes, from, length));
}
