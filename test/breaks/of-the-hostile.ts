import type { Break } from "./break.ts";

const HISTORIES = "test/fuzz/every-operation.workerd.test.ts";

/** Breaks of which only somebody takes advantage who sends what nobody should. */
export const OF_THE_HOSTILE: readonly Break[] = [
  {
    name: "cursor-of-any-connection",
    promise: 5,
    edits: [
      {
        file: "src/storage/cursor-seal.ts",
        from: 'createHmac("sha256", this.#secret)',
        to: 'createHmac("sha256", "cursors")',
      },
    ],
    noticedBy: ["tests"],
    tests: ["test/fuzz/cursors.workerd.test.ts"],
  },
  {
    name: "refused-delivery-remembered",
    promise: 1,
    edits: [
      {
        file: "src/connection/hook-intake.ts",
        from: "return this.#refuse(code, verdict.reason, null);",
        to: 'this.#stores.hooks.remember(headers["x-github-delivery"] ?? "", this.#around.now());\n      return this.#refuse(code, verdict.reason, null);',
      },
    ],
    noticedBy: ["tests"],
    tests: [HISTORIES],
  },
  {
    name: "refused-delivery-takes-alarm",
    promise: 3,
    edits: [
      {
        file: "src/connection/object.ts",
        from: "return open.serve(() => open.receiveHook(received));",
        to: "const reply = await open.serve(() => open.receiveHook(received));\n    if (!reply.ok) await this.ctx.storage.deleteAlarm();\n    return reply;",
      },
    ],
    noticedBy: ["tests"],
    tests: [HISTORIES],
  },
  {
    name: "wrapped-address-called",
    promise: 12,
    edits: [
      {
        file: "src/sources/outbound-guard.ts",
        from: "if (first < 0x2000 || first > 0x3fff || first === 0x2002) return false;",
        to: "if ((first > 0 && first < 0x2000) || first > 0x3fff || first === 0x2002) return false;",
      },
    ],
    noticedBy: ["tests"],
    tests: ["test/sources/outbound-guard.test.ts"],
  },
  {
    name: "new-in-bundle-not-told",
    promise: 11,
    edits: [
      {
        file: "src/cli/bundle-list.ts",
        from: "...bundled.flatMap((entry) => findingsOf(entry, known.get(entry.name))),",
        to: "...bundled.flatMap((entry) => findingsOf(entry, known.get(entry.name) ?? entry)),",
      },
    ],
    noticedBy: ["tests"],
    tests: ["test/cli/bundle-list.test.ts"],
  },
];
