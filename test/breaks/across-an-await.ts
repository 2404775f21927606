import type { Break } from "./break.ts";

const LIFECYCLE = "test/connection/lifecycle.workerd.test.ts";
const OPEN = "src/connection/open-connection.ts";
const SLICE = "src/connection/slice-work.ts";

/**
 * Breaks of what is read before an await and written after it, and of what shows only in the midst of something: too
 * rare for random histories, and each has a test that brings it about.
 */
export const ACROSS_AN_AWAIT: readonly Break[] = [
  {
    name: "older-config-comes-back",
    promise: 2,
    edits: [
      {
        file: "src/connection/amendment.ts",
        from: "storeAmendment(stores, around, { patch, replaced",
        to: "storeAmendment(stores, around, { patch: { ...patch, config: patch.config ?? config }, replaced",
      },
    ],
    noticedBy: ["core", "whole", "chaos", "tests"],
    tests: [LIFECYCLE],
  },
  {
    name: "older-credentials-come-back-resealed",
    promise: 11,
    edits: [{ file: SLICE, from: "credentials !== null && stored.credentials === sealed", to: "credentials !== null" }],
    noticedBy: ["tests"],
    tests: [LIFECYCLE],
  },
  {
    name: "spent-token-comes-back-resealed",
    promise: 11,
    edits: [
      {
        file: "src/connection/keepsake-store.ts",
        from: "if (this.#documents.read(KEY, sealedSchema)?.ciphertext === sealed?.ciphertext) this.#documents",
        to: "this.#documents",
      },
    ],
    noticedBy: ["tests"],
    tests: ["test/connection/keepsakes.workerd.test.ts"],
  },
  {
    name: "one-nonce-for-all-sessions",
    promise: 11,
    edits: [
      {
        file: "src/auth/session.ts",
        from: "const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));",
        to: "const iv = new Uint8Array(IV_BYTES);",
      },
    ],
    noticedBy: ["tests"],
    tests: ["test/dashboard/session.workerd.test.ts"],
  },
  {
    name: "deleted-connection-starts-what-waits",
    promise: 3,
    edits: [
      { file: OPEN, from: "if (!this.isDeleted) this.#admission.startDue();", to: "this.#admission.startDue();" },
    ],
    noticedBy: ["tests"],
    tests: ["test/connection/hook.workerd.test.ts"],
  },
  {
    name: "events-wait-for-the-slice",
    promise: 7,
    edits: [{ file: OPEN, from: "if (this.#slice.isAtWork) void this.#publish();", to: "" }],
    noticedBy: ["tests"],
    tests: [LIFECYCLE],
  },
  {
    name: "first-seen-moves",
    promise: 6,
    edits: [
      {
        file: "src/connection/entity-store.ts",
        from: "DO UPDATE SET last_change = excluded.last_change",
        to: "DO UPDATE SET first_change = excluded.first_change, last_change = excluded.last_change",
      },
    ],
    noticedBy: ["tests"],
    tests: ["test/connection/entity-store.workerd.test.ts"],
  },
  {
    name: "outage-is-never-forgotten",
    promise: 7,
    edits: [
      {
        file: "src/connection/outbox.ts",
        from: 'if (this.#documents.read("outbox", stateSchema) !== null) this.#documents.remove("outbox");',
        to: "",
      },
    ],
    noticedBy: ["tests"],
    tests: ["test/connection/outbox.workerd.test.ts"],
  },
  {
    name: "watchdog-stops-the-sweep",
    promise: 3,
    edits: [
      {
        file: "src/triggers/every-minute.ts",
        from: 'await guarded("watchdog", () => watch({ db: env.DB, gate, now: now() }));',
        to: "await watch({ db: env.DB, gate, now: now() });",
      },
    ],
    noticedBy: ["tests", "whole"],
    tests: ["test/triggers/every-minute.workerd.test.ts"],
  },
];
