import type { Break } from "./break.ts";

const OAUTH = "src/sources/manifest/authenticator/oauth-authenticator.ts";
const WATCH = "src/http/routes/job-watch.ts";

/** Breaks that only who is outside can see: sources that give out tokens, and whoever watches a job. */
export const OF_THE_OUTSIDE: readonly Break[] = [
  {
    name: "token-used-before-it-is-kept",
    promise: 3,
    edits: [
      {
        file: OAUTH,
        from: "await this.#write(name, { accessToken, expiresAt, refreshToken: successor ?? refreshToken });",
        to: "setTimeout(() => void this.#write(name, { accessToken, expiresAt, refreshToken: successor ?? refreshToken }), 100);",
      },
    ],
    noticedBy: ["chaos"],
  },
  {
    name: "tokens-asked-for-side-by-side",
    promise: 3,
    edits: [
      {
        file: "src/sources/manifest/authenticator/one-at-a-time.ts",
        from: "const done = before.then(work);",
        to: "const done = work();",
      },
    ],
    noticedBy: ["chaos"],
  },
  {
    name: "cancel-loses-token",
    promise: 3,
    edits: [
      {
        file: "src/sources/manifest/authenticator/token-endpoint.ts",
        from: "outlivesSlice: true",
        to: "outlivesSlice: false",
      },
    ],
    noticedBy: ["chaos", "tests"],
    tests: ["test/sources/manifest/authenticator/oauth-authenticator.test.ts"],
  },
  {
    name: "refused-credentials-not-heeded",
    promise: 1,
    edits: [
      {
        file: "src/connection/pause.ts",
        from: 'return isRequested || connectionStatus(jobs.newest(), credentialsChangedAt) === "needs_reauth";',
        to: "return isRequested || credentialsChangedAt < 0 || jobs.newest() === undefined;",
      },
    ],
    noticedBy: ["chaos"],
  },
  {
    name: "refusal-in-body-read-as-page",
    promise: 4,
    edits: [
      {
        file: "src/sources/manifest/error-handler/http-response-filter.ts",
        from: "(holds?.(occasionOf(response)) ?? false) ||",
        to: "(response.status >= 400 && (holds?.(occasionOf(response)) ?? false)) ||",
      },
    ],
    noticedBy: ["chaos"],
  },
  {
    name: "end-not-told-to-who-comes-back",
    promise: 3,
    edits: [
      {
        file: WATCH,
        from: "isTerminal(job.status) && from?.revision === revision && first.entries.length === 0",
        to: 'isTerminal(job.status) && from !== null && revision !== ""',
      },
    ],
    noticedBy: ["chaos"],
  },
  {
    name: "other-shape-is-an-empty-page",
    promise: 4,
    edits: [
      {
        file: "src/sources/manifest/retriever/page-fetch.ts",
        from: "isPartial: !selection.isConclusive && last.response.status !== NO_CONTENT,",
        to: "isPartial: false && NO_CONTENT > 0,",
      },
    ],
    noticedBy: ["chaos", "tests"],
    tests: ["test/sources/manifest/proof.test.ts"],
  },
];
