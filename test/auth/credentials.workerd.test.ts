import { expect, test } from "vitest";

import { CannotOpen, openCredentials, resealed, sealCredentials, type Sealed } from "#auth/credentials";

const OLD = { id: "k1", secret: btoa("0".repeat(32)) };
const NEW = { id: "k2", secret: btoa("1".repeat(32)) };
const CREDENTIALS = { username: "reader", password: "p&ss 🚰", nested: { token: "deep" } };

test("what was sealed for a connection opens for it", async () => {
  expect(await openCredentials([OLD], "c1", await sealCredentials([OLD], "c1", CREDENTIALS))).toEqual(CREDENTIALS);
});

test("a seal shows nothing of what is in it, and no two are alike", async () => {
  const [one, two] = [await sealCredentials([OLD], "c1", CREDENTIALS), await sealCredentials([OLD], "c1", CREDENTIALS)];

  expect(JSON.stringify(one)).not.toMatch(/reader|p&ss|deep/);
  expect(atob(one.ciphertext)).not.toContain("reader");
  for (const field of ["wrapIv", "wrappedKey", "iv", "ciphertext"] as const) expect(one[field]).not.toBe(two[field]);
});

test("a seal is bound to its connection", async () => {
  const sealed = await sealCredentials([OLD], "c1", CREDENTIALS);
  await expect(openCredentials([OLD], "c2", sealed)).rejects.toThrow(CannotOpen);
});

test("after a rotation old seals open, new ones are made with the newest key, and old ones are sealed anew with it", async () => {
  const old = await sealCredentials([OLD], "c1", CREDENTIALS);
  const keys = [NEW, OLD];
  expect(await openCredentials(keys, "c1", old)).toEqual(CREDENTIALS);
  const again = await resealed(keys, "c1", old);
  expect(again?.keyId).toBe("k2");
  expect(again === null ? null : await openCredentials([NEW], "c1", again)).toEqual(CREDENTIALS);

  const fresh = await sealCredentials(keys, "c1", CREDENTIALS);
  expect(fresh.keyId).toBe("k2");
  expect(await resealed(keys, "c1", fresh)).toBeNull();
  expect(await openCredentials([NEW], "c1", fresh)).toEqual(CREDENTIALS);
});

test("a key that is gone is named, so that it can be put back", async () => {
  const sealed = await sealCredentials([OLD], "c1", CREDENTIALS);
  await expect(openCredentials([NEW], "c1", sealed)).rejects.toThrow(/"k1".*SLUICE_ENCRYPTION_KEYS/);
});

test("another key under the same id opens nothing, and the message has no secret in it", async () => {
  const sealed = await sealCredentials([OLD], "c1", CREDENTIALS);
  const error: unknown = await openCredentials([{ ...NEW, id: "k1" }], "c1", sealed).catch((caught: unknown) => caught);

  expect(error).toBeInstanceOf(CannotOpen);
  expect(String(error)).not.toContain(NEW.secret);
});

test.each(["wrapIv", "wrappedKey", "iv", "ciphertext"] as const)(
  "a changed %s is noticed, to the bit",
  async (field) => {
    const sealed = await sealCredentials([OLD], "c1", CREDENTIALS);
    const bytes = Uint8Array.from(atob(sealed[field]), (character) => character.charCodeAt(0));
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    const changed: Sealed = { ...sealed, [field]: btoa(String.fromCharCode(...bytes)) };

    await expect(openCredentials([OLD], "c1", changed)).rejects.toThrow(CannotOpen);
  },
);

test.each(["wrapIv", "wrappedKey", "iv", "ciphertext"] as const)(
  "a %s that is no base64 is refused, not a fault",
  async (field) => {
    const sealed = await sealCredentials([OLD], "c1", CREDENTIALS);
    for (const garbage of ["", "not base64!", "AA=="]) {
      await expect(openCredentials([OLD], "c1", { ...sealed, [field]: garbage })).rejects.toThrow(CannotOpen);
    }
  },
);

test("without a key nothing is sealed", async () => {
  await expect(sealCredentials([], "c1", CREDENTIALS)).rejects.toThrow(CannotOpen);
});
