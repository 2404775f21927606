import * as fc from "fast-check";
import { expect, test } from "vitest";

import { connectionIdOf, HOOK_TOKEN_RANDOM_BYTES, spellHookToken } from "#triggers/webhook/token";

const random = fc.uint8Array({ minLength: HOOK_TOKEN_RANDOM_BYTES, maxLength: HOOK_TOKEN_RANDOM_BYTES });

test("a token leads back to its connection, and fits into a path as it is", () => {
  fc.assert(
    fc.property(fc.uuid(), random, (id, bytes) => {
      const token = spellHookToken(id, bytes);
      expect(token).toMatch(/^[A-Za-z0-9_-]{64}$/);
      expect(connectionIdOf(token)).toBe(id);
    }),
  );
});

test("anything that is no token leads nowhere", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(connectionIdOf(text)).toBeNull();
    }),
  );
  expect(connectionIdOf("A".repeat(63))).toBeNull();
  expect(connectionIdOf("A".repeat(65))).toBeNull();
});
