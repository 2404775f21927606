import { evictDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { sealCredentials, type SealingKey } from "#auth/credentials";
import { Documents } from "#storage/documents";
import { KeepsakeStore, sealKeepsakes } from "#connection/keepsake-store";
import { migrate } from "#connection/schema";
import { couchdb } from "#sources/couchdb/source";
import { SourceFailure, type Keepsakes, type OpenSource } from "#sources/source";
import { CouchUpstream } from "#test/support/couch-upstream";
import { aCreate, ORGANIZATION, stopClock, TestConnection, valueOf, withSql } from "#test/support/connection";
import { heldSealing } from "#test/support/held-sealing";

const OLD: SealingKey = { id: "k1", secret: btoa("0".repeat(32)) };
const NEW: SealingKey = { id: "k2", secret: btoa("1".repeat(32)) };
const TOKEN = { access_token: "token-nobody-may-see" };

/** A store in an object of its own, as it is when the object comes back into memory. */
const withStore = (use: (reopened: () => KeepsakeStore, stored: () => string) => Promise<void>) =>
  withSql(async (sql) => {
    migrate(sql);
    const stored = () => JSON.stringify(sql.all("SELECT * FROM documents"));
    await use(() => new KeepsakeStore(new Documents(sql)), stored);
  });

describe("keepsakes at rest", () => {
  test("are there for an object that lost its memory, and show neither names nor values", () =>
    withStore(async (reopened, stored) => {
      const keepsakes = reopened().open([OLD], "c1");
      expect(await keepsakes.read("oauth")).toBeNull();
      await keepsakes.write("oauth", TOKEN);
      await keepsakes.write("session", { token: "another" });

      expect(await reopened().open([OLD], "c1").read("oauth")).toEqual(TOKEN);
      expect(stored()).toContain("ciphertext");
      expect(stored()).not.toMatch(/nobody|another|oauth|session/);
    }));

  test("are all there when several are written at once", () =>
    withStore(async (reopened) => {
      const keepsakes = reopened().open([OLD], "c1");
      const names = Array.from({ length: 20 }, (_, index) => `name ${index}`);
      await Promise.all(names.map((name) => keepsakes.write(name, { name })));

      const again = reopened().open([OLD], "c1");
      for (const name of names) expect(await again.read(name)).toEqual({ name });
    }));

  test("do not open for another connection, nor in the place of its credentials", () =>
    withStore(async (reopened) => {
      await reopened().open([OLD], "c1").write("oauth", TOKEN);
      await expect(reopened().open([OLD], "c2").read("oauth")).rejects.toThrow(SourceFailure);

      reopened().replace(await sealCredentials([OLD], "c1", { oauth: TOKEN }));
      await expect(reopened().open([OLD], "c1").read("oauth")).rejects.toThrow(SourceFailure);
    }));

  test("are sealed with the newest key after a rotation, so that the old one can go", () =>
    withStore(async (reopened, stored) => {
      await reopened().open([OLD], "c1").write("oauth", TOKEN);
      await reopened().reseal([NEW, OLD], "c1");

      expect(stored()).toContain("k2");
      expect(await reopened().open([NEW], "c1").read("oauth")).toEqual(TOKEN);
      await reopened().reseal([NEW], "c1");
    }));

  test("that are written while the older ones are sealed with a new key are not lost to them", () =>
    withStore(async (reopened) => {
      const store = reopened();
      await store.open([OLD], "c1").write("oauth", TOKEN);
      const sealing = heldSealing();
      const resealed = store.reseal([NEW, OLD], "c1");
      await sealing.begun;
      await store.open([NEW, OLD], "c1").write("oauth", { access_token: "newer" });
      sealing.letGo();
      await resealed;

      expect(await reopened().open([NEW, OLD], "c1").read("oauth")).toEqual({ access_token: "newer" });
    }));

  test("say which key is missing", () =>
    withStore(async (reopened) => {
      await reopened().open([OLD], "c1").write("oauth", TOKEN);

      await expect(reopened().open([NEW], "c1").read("oauth")).rejects.toThrow(/"k1".*SLUICE_ENCRYPTION_KEYS/);
    }));

  test("of credentials that were replaced come back through nobody who still had them open", () =>
    withStore(async (reopened) => {
      const store = reopened();
      const before = store.open([OLD], "c1");
      await before.write("oauth", TOKEN);
      store.replace(await sealKeepsakes([OLD], "c1", new Map([["oauth", { access_token: "new" }]])));
      await before.write("oauth", { access_token: "late" });

      expect(await store.open([OLD], "c1").read("oauth")).toEqual({ access_token: "new" });
      store.forget();
      await before.write("oauth", { access_token: "later" });
      expect(await store.open([OLD], "c1").read("oauth")).toBeNull();
      expect(await reopened().open([OLD], "c1").read("oauth")).toBeNull();
    }));

  test("are few: a source can't fill the object with them", () =>
    withStore(async (reopened) => {
      const keepsakes = reopened().open([OLD], "c1");

      await expect(keepsakes.write("big", { text: "x".repeat(600_000) })).rejects.toThrow(/500000/);
      await keepsakes.write("oauth", TOKEN);
      expect(await keepsakes.read("big")).toBeNull();
      expect(await reopened().open([OLD], "c1").read("oauth")).toEqual(TOKEN);
    }));
});

describe("a connection's keepsakes", () => {
  /** What a source finds when it is checked and when it lists its streams, and the last of it that it counted up. */
  const seen: (number | null)[] = [];
  let refusesChecks = false;

  beforeEach(() => {
    stopClock();
    seen.length = 0;
    refusesChecks = false;
    new CouchUpstream().install().fill(3);
    const open = couchdb.open.bind(couchdb);
    vi.spyOn(couchdb, "open").mockImplementation((context) => counting(open(context), context.keepsakes));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  /** As with refresh tokens: each use makes the next one. */
  function counting(source: OpenSource, keepsakes: Keepsakes): OpenSource {
    const use = async () => {
      const count = (await keepsakes.read("count"))?.["value"];
      const value = typeof count === "number" ? count : null;
      seen.push(value);
      await keepsakes.write("count", { value: (value ?? 0) + 1 });
    };
    return {
      check: async () => {
        await use();
        if (refusesChecks) throw new SourceFailure({ kind: "authentication", message: "No." });
        await source.check();
      },
      streams: async () => {
        await use();
        return source.streams();
      },
      read: (request) => source.read(request),
    };
  }

  test("begin with what the check obtained, and go on from job to job through an eviction", async () => {
    const connection = await TestConnection.create();
    await connection.sync();
    await evictDurableObject(connection.stub);
    await connection.sync();

    expect(seen).toEqual([null, 1, 2]);
    expect(JSON.stringify(await connection.rows("SELECT * FROM documents"))).not.toContain('"count"');
  });

  test("go with the credentials; what the check of the new ones obtained stays", async () => {
    const connection = await TestConnection.create();
    await connection.sync();
    valueOf(await connection.stub.update(ORGANIZATION, { credentials: { username: "reader", password: "another" } }));
    await connection.sync();

    expect(seen).toEqual([null, 1, null, 1]);
  });

  test("stay with new config, whose check goes on from them, since the stored credentials may be spent", async () => {
    const connection = await TestConnection.create();
    const { config } = aCreate();
    valueOf(await connection.stub.update(ORGANIZATION, { config: { ...config, page_size: 5 } }));
    refusesChecks = true;
    expect(await connection.stub.update(ORGANIZATION, { config })).toMatchObject({ ok: false });
    refusesChecks = false;
    await connection.sync();

    expect(seen).toEqual([null, 1, 2, 3]);
  });

  test("stay where new credentials are refused", async () => {
    const connection = await TestConnection.create();
    refusesChecks = true;
    const credentials = { username: "reader", password: "wrong" };
    expect(await connection.stub.update(ORGANIZATION, { credentials })).toMatchObject({ ok: false });
    refusesChecks = false;
    await connection.sync();

    expect(seen).toEqual([null, null, 1]);
  });

  test("are forgotten with the connection, at once", async () => {
    const connection = await TestConnection.create();
    const countOf = () => connection.rows("SELECT key FROM documents WHERE key = 'keepsakes'");
    expect(await countOf()).toHaveLength(1);
    valueOf(await connection.stub.erase(ORGANIZATION));

    expect(await countOf()).toHaveLength(0);
  });
});
