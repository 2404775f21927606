import * as fc from "fast-check";
import { expect, test } from "vitest";

import { readableIdFrom } from "#http/readable-id";

const BYTES = new Uint8Array([0, 25, 26, 35, 36, 255]);

test.each([
  ["Customer data", "customer-data-az09ad"],
  ["  Café & Ünïcode!  ", "cafe-unicode-az09ad"],
  ["客户数据", "collection-az09ad"],
])("makes %j readable", (name, readableId) => {
  expect(readableIdFrom(name, BYTES)).toBe(readableId);
});

test("always makes an id that a collection may have", () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 200, unit: "binary" }),
      fc.uint8Array({ minLength: 6, maxLength: 6 }),
      (name, bytes) => {
        const readableId = readableIdFrom(name, bytes);
        expect(readableId).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
        expect(readableId.length).toBeLessThanOrEqual(100);
      },
    ),
  );
});
