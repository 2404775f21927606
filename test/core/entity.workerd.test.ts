import { expect, test } from "vitest";

import { sameContent, toEntity } from "#core/entity";
import type { Json } from "#core/json";

const TOO_DEEP = { reason: "The record is nested too deeply to be stored." };

const isStored = (entity: object | undefined) => entity !== undefined && "text" in entity;

// The engine of workerd walks through JSON in its own way, with its own stack: what overflows there does not in Node.

test.each([500, 1_000, 2_000, 4_000, 8_000, 16_000, 100_000, 200_000])(
  "a record of %i levels is stored or refused, with and without a key, and never a fault",
  (levels) => {
    let deep: Json = 1;
    for (let level = 0; level < levels; level += 1) deep = { in: deep };
    const [keyed, keyless] = [[["id"]], null].map((key) => toEntity({ id: "a", deep }, key, () => "digest"));

    expect(keyed?.id).toBe("a");
    for (const entity of [keyed, keyless]) expect(entity).toMatchObject(isStored(entity) ? {} : TOO_DEEP);
  },
);

test.each([500, 1_000, 2_000, 4_000, 8_000, 16_000, 100_000, 200_000])(
  "contents of %i levels are compared, or counted as changed",
  (levels) => {
    const [a, b] = ["1", "2"].map((value) => `${'{"a":'.repeat(levels)}${value}${"}".repeat(levels)}`);
    expect(sameContent(a ?? "", b ?? "")).toBe(false);
  },
);
