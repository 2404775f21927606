import { describe, expect, test } from "vitest";

import { hashApiKey, spellApiKey } from "#auth/api-key";
import { authenticate, presentedKey, type IssuedKey } from "#auth/authenticate";

const ROOT_KEY = "root-key-0123456789";
const KEY = spellApiKey(new Uint8Array(32).fill(7));
const ISSUED: IssuedKey = { id: "key-1", organizationId: "org-1", expiresAt: 2_000 };

function deps(now: number, lookups: string[] = []) {
  const findKey = async (hash: string) => {
    lookups.push(hash);
    return hash === (await hashApiKey(KEY)) ? ISSUED : null;
  };
  return { rootKey: ROOT_KEY, findKey, now };
}

describe("authenticate", () => {
  test("knows the root key without asking the database, so that it works while D1 is down", async () => {
    const lookups: string[] = [];
    expect(await authenticate(ROOT_KEY, deps(0, lookups))).toMatchObject({ kind: "root", keyId: "root" });
    expect(lookups).toEqual([]);
  });

  test("knows an issued key by its hash, until it expires", async () => {
    expect(await authenticate(KEY, deps(1_999))).toEqual({ kind: "key", keyId: "key-1", organizationId: "org-1" });
    await expect(authenticate(KEY, deps(2_000))).rejects.toMatchObject({ refusal: { code: "forbidden" } });
  });

  test("asks for a key where there is none, and refuses a bad one", async () => {
    await expect(authenticate(null, deps(0))).rejects.toMatchObject({ refusal: { code: "unauthenticated" } });
    const other = spellApiKey(new Uint8Array(32).fill(8));
    await expect(authenticate(other, deps(0))).rejects.toMatchObject({ refusal: { code: "forbidden" } });
  });

  test("does not ask the database for what can't be a key", async () => {
    const lookups: string[] = [];
    await expect(authenticate("x".repeat(100_000), deps(0, lookups))).rejects.toThrow("Invalid or expired API key");
    expect(lookups).toEqual([]);
  });
});

describe("presentedKey", () => {
  test.each([
    [{ authorization: "Bearer abc" }, "abc"],
    [{ authorization: "bearer   abc" }, "abc"],
    [{ "x-api-key": " abc " }, "abc"],
    [{ authorization: "Bearer abc", "x-api-key": "other" }, "abc"],
    [{ authorization: "Basic dTpw", "x-api-key": "abc" }, "abc"],
    [{ authorization: "Bearer " }, null],
    [{ "x-api-key": "" }, null],
    [{}, null],
  ])("reads %j as %j", (headers, key) => {
    expect(presentedKey(new Headers(headers))).toBe(key);
  });
});
