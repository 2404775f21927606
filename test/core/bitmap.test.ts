import * as fc from "fast-check";
import { expect, test } from "vitest";

import { CHUNK_BITS, chunkOf, clearBit, emptyChunk, hasBit, setBit } from "#core/bitmap";

const number = fc.oneof(
  fc.nat(CHUNK_BITS * 3),
  fc.constantFrom(0, 7, 8, CHUNK_BITS - 1, CHUNK_BITS, CHUNK_BITS + 1, CHUNK_BITS * 2 - 1),
);

test("behaves like a Set of numbers, whatever is set and cleared", () => {
  const steps = fc.array(fc.tuple(fc.constantFrom("set" as const, "clear" as const), number), { maxLength: 200 });
  fc.assert(
    fc.property(steps, fc.array(number), (history, others) => {
      const chunks = new Map<number, Uint8Array>();
      const model = new Set<number>();
      const chunk = (of: number): Uint8Array => {
        const known = chunks.get(chunkOf(of)) ?? emptyChunk();
        chunks.set(chunkOf(of), known);
        return known;
      };
      for (const [step, at] of history) {
        if (step === "set") model.add(at);
        else model.delete(at);
        (step === "set" ? setBit : clearBit)(chunk(at), at);
      }
      for (const at of [...others, ...history.map(([, each]) => each)]) {
        expect(hasBit(chunk(at), at)).toBe(model.has(at));
      }
    }),
  );
});

test("a chunk is small enough that a page writes little: 8 kB", () => {
  expect(emptyChunk().byteLength).toBe(8_192);
});

test("a number that is set leaves its neighbours alone, over the edge of a byte too", () => {
  const chunk = emptyChunk();
  setBit(chunk, 15);
  expect([14, 15, 16].map((at) => hasBit(chunk, at))).toEqual([false, true, false]);
});
