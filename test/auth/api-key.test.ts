import { afterEach, expect, test, vi } from "vitest";

import { hashApiKey, isSameKey, KEY_BYTES, looksLikeApiKey, shownPrefix, spellApiKey } from "#auth/api-key";

afterEach(() => void vi.restoreAllMocks());

test("spells 32 random bytes as slc_ and 43 characters that need no escaping anywhere", () => {
  const key = spellApiKey(new Uint8Array(KEY_BYTES).fill(0xff));
  expect(key).toMatch(/^slc_[A-Za-z0-9_-]{43}$/);
  expect(looksLikeApiKey(key)).toBe(true);
  expect(shownPrefix(key)).toBe(key.slice(0, 10));
});

test.each([["slc_short"], [`slc_${"a".repeat(44)}`], [`xyz_${"a".repeat(43)}`], [`slc_${"a".repeat(42)}'`]])(
  "knows without a look-up that %s was not issued here",
  (presented) => {
    expect(looksLikeApiKey(presented)).toBe(false);
  },
);

test("hashes with SHA-256", async () => {
  expect(await hashApiKey("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("tells keys apart, also where one is a part of the other", async () => {
  expect(await isSameKey("root-key-0123456789", "root-key-0123456789")).toBe(true);
  for (const other of ["", "root-key-012345678", "root-key-0123456789x", "root-key-0123456780"]) {
    expect(await isSameKey(other, "root-key-0123456789")).toBe(false);
  }
});

test("tells keys apart by every bit of their digests: a part of them is soon found again", async () => {
  const digest = vi.spyOn(crypto.subtle, "digest");
  for (let bit = 0; bit < 256; bit += 1) {
    const other = new Uint8Array(32);
    other[bit >> 3] = 1 << (bit & 7);
    digest.mockResolvedValueOnce(new Uint8Array(32).buffer).mockResolvedValueOnce(other.buffer);
    expect([bit, await isSameKey("one", "other")]).toEqual([bit, false]);
  }
});
