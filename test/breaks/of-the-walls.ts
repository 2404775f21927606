import type { Break } from "./break.ts";

const HTTP_CLIENT = "test/sources/http-client.test.ts";
const REPOSITORIES = "test/records/repositories.workerd.test.ts";

/**
 * Breaks of what stands between the Worker and everybody else: who may come in, what may be called, what is told to
 * whom. Nobody in a random history tries these doors with the right picklock, and each has a test that does.
 */
export const OF_THE_WALLS: readonly Break[] = [
  {
    name: "key-compared-in-part",
    promise: 12,
    edits: [
      {
        file: "src/auth/api-key.ts",
        from: "for (const [index, byte] of leftDigest.entries())",
        to: "for (const [index, byte] of leftDigest.slice(0, 4).entries())",
      },
    ],
    noticedBy: ["tests"],
    tests: ["test/auth/api-key.test.ts"],
  },
  {
    name: "numbers-are-no-secrets",
    promise: 11,
    edits: [
      {
        file: "src/connection/source-opening.ts",
        from: 'typeof value === "string" || typeof value === "number"',
        to: 'typeof value === "string"',
      },
    ],
    noticedBy: ["tests"],
    tests: ["test/connection/source-opening.test.ts"],
  },
  {
    name: "secret-between-markup",
    promise: 11,
    edits: [
      {
        file: "src/sources/response-failure.ts",
        from: 'redact(redact(text).replaceAll(/\\s+/g, " ").trim())',
        to: 'redact(text).replaceAll(/\\s+/g, " ").trim()',
      },
    ],
    noticedBy: ["tests"],
    tests: [HTTP_CLIENT],
  },
  {
    name: "log-hides-first-secret-only",
    promise: 11,
    edits: [
      {
        file: "src/observability/log.ts",
        from: "cleaned.replaceAll(pattern, REDACTED)",
        to: 'cleaned.replace(new RegExp(pattern.source, pattern.flags.replace("g", "")), REDACTED)',
      },
    ],
    noticedBy: ["tests"],
    tests: ["test/observability/log.test.ts"],
  },
  {
    name: "kept-session-is-shown",
    promise: 11,
    edits: [
      {
        file: "src/sources/manifest/authenticator/session-token.ts",
        from: "this.#scope.http.conceal(kept.data.token);",
        to: "",
      },
    ],
    noticedBy: ["tests"],
    tests: ["test/sources/manifest/authenticator/session-token-authenticator.test.ts"],
  },
  {
    name: "packed-bomb-read-whole",
    promise: 3,
    edits: [
      {
        file: "src/sources/response-body.ts",
        from: "/^\\d{1,15}$/.test(declared) && isPlain ?",
        to: '/^\\d{1,15}$/.test(declared) && (isPlain || declared !== "") ?',
      },
    ],
    noticedBy: ["tests"],
    tests: [HTTP_CLIENT],
  },
  {
    name: "timer-outlives-its-work",
    promise: 8,
    edits: [{ file: "src/sources/time-limit.ts", from: "clearTimeout(timer);", to: "void timer;" }],
    noticedBy: ["tests"],
    tests: ["test/sources/time-limit.test.ts"],
  },
  {
    name: "event-named-after-namesake",
    promise: 12,
    edits: [
      {
        file: "src/records/collection-names.ts",
        from: "WHERE organization_id = ? AND readable_id IN",
        to: "WHERE organization_id IN (?, organization_id) AND readable_id IN",
      },
    ],
    noticedBy: ["tests"],
    tests: [REPOSITORIES],
  },
  {
    name: "collection-of-anybody",
    promise: 12,
    edits: [
      {
        file: "src/records/collection-repository.ts",
        from: "SELECT 1 FROM collections WHERE organization_id = ? AND readable_id = ?",
        to: "SELECT 1 FROM collections WHERE organization_id IN (?, organization_id) AND readable_id = ?",
      },
    ],
    noticedBy: ["tests"],
    tests: ["test/http/source-connections.workerd.test.ts"],
  },
  {
    name: "row-keeps-its-first-count",
    promise: 7,
    edits: [
      {
        file: "src/records/projection.ts",
        from: "entities_failed = excluded.entities_failed, error = excluded.error,",
        to: "error = excluded.error,",
      },
    ],
    noticedBy: ["tests"],
    tests: ["test/records/projection.workerd.test.ts"],
  },
  {
    name: "look-settled-over-a-newer-one",
    promise: 7,
    edits: [
      {
        file: "src/records/delivery-looks.ts",
        from: "DELETE FROM delivery_looks WHERE organization_id = ? AND look_at = ?",
        to: "DELETE FROM delivery_looks WHERE organization_id = ? AND look_at >= ?",
      },
    ],
    noticedBy: ["tests"],
    tests: [REPOSITORIES],
  },
  {
    name: "others-success-counts-as-ones-own",
    promise: 3,
    edits: [
      {
        file: "src/events/queue.ts",
        from: "WHERE a.message_id = m.id AND a.subscription_id = ?1 AND a.is_success = 1)",
        to: "WHERE a.message_id = m.id AND a.is_success = 1)",
      },
    ],
    noticedBy: ["tests"],
    tests: ["test/events/deliveries.workerd.test.ts"],
  },
];
