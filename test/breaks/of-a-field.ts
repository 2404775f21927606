import type { Break } from "./break.ts";

const CONTROL = "src/connection/job-control.ts";
const APPLY = "src/sync/apply-page.ts";
const PAGE = "src/sync/page-outcome.ts";
const JOBS = "src/connection/job-store.ts";

/** Breaks of a single field: one that is not reset, is kept for too long, or is taken from the wrong place. */
export const OF_A_FIELD: readonly Break[] = [
  {
    name: "attach-asks-for-another",
    promise: 1,
    edits: [
      {
        file: CONTROL,
        from: 'if (active !== null && request.onConflict === "queue") jobs.queueFollowUp(request);',
        to: "if (active !== null) jobs.queueFollowUp(request);",
      },
    ],
    noticedBy: ["kernel", "tests"],
    tests: ["test/connection/run.workerd.test.ts"],
  },
  {
    name: "due-time-put-off-by-settling",
    promise: 1,
    edits: [
      {
        file: "src/core/schedule.ts",
        from: "(plan.nextRunAt ?? firstDue({ cron, timezone }, now, spread))",
        to: "firstDue({ cron, timezone }, now, spread)",
      },
    ],
    noticedBy: ["kernel", "tests"],
    tests: ["test/core/schedule.test.ts"],
  },
  {
    name: "undone-job-remembered",
    promise: 2,
    edits: [
      { file: JOBS, from: "sql.onUndone(() => (this.#newest = undefined));", to: "sql.onUndone(() => undefined);" },
    ],
    noticedBy: ["kernel"],
  },
  {
    name: "follow-up-stays-confirmed",
    promise: 4,
    edits: [
      { file: "src/connection/read-anew.ts", from: "jobs.unconfirmFollowUp();\n  jobs.write(", to: "jobs.write(" },
    ],
    noticedBy: ["kernel"],
  },
  {
    name: "confirmation-passed-on",
    promise: 4,
    edits: [
      {
        file: CONTROL,
        from: "this.#begin(followUp);\n",
        to: "this.#begin({ ...followUp, confirmDeletes: followUp.confirmDeletes || job.deletesConfirmed });\n",
      },
    ],
    noticedBy: ["kernel"],
  },
  {
    name: "nameless-of-last-page",
    promise: 4,
    edits: [
      {
        file: APPLY,
        from: "nameless: progress.nameless + rejected.length - rejectedIds.length,",
        to: "nameless: rejected.length - rejectedIds.length,",
      },
    ],
    noticedBy: ["kernel"],
  },
  {
    name: "begun-anew-proves-nothing",
    promise: 4,
    edits: [{ file: PAGE, from: "        isContinued: false,\n", to: "" }],
    noticedBy: ["tests"],
    tests: ["test/sync/page-outcome.test.ts"],
  },
  {
    name: "cursor-before-deletes",
    promise: 5,
    edits: [
      {
        file: APPLY,
        from: 'return { ...stream, progress: { ...progress, phase: "read", endCursor: end.cursor } };',
        to: 'return { ...stream, cursor: end.cursor, progress: { ...progress, phase: "read", endCursor: end.cursor } };',
      },
    ],
    noticedBy: ["kernel", "tests"],
    tests: ["test/sync/apply-page.test.ts"],
  },
  {
    name: "lost-place-not-read-whole",
    promise: 5,
    edits: [{ file: PAGE, from: "        full: true,\n", to: "" }],
    noticedBy: ["kernel"],
  },
  {
    name: "lost-place-read-from-cursor",
    promise: 5,
    edits: [{ file: PAGE, from: "        cursor: null,\n", to: "" }],
    noticedBy: ["kernel"],
  },
  {
    name: "kept-before-other-config",
    promise: 6,
    edits: [
      {
        file: "src/core/read-start.ts",
        from: "counts: { ...(earlier?.counts ?? NO_COUNTS), kept: 0, failed: 0 },",
        to: "counts: earlier?.counts ?? NO_COUNTS,",
      },
    ],
    noticedBy: ["kernel", "tests"],
    tests: ["test/core/read-start.test.ts"],
  },
  {
    name: "entities-of-one-stream-told",
    promise: 7,
    edits: [
      {
        file: "src/connection/announce.ts",
        from: "reduce((total, { count }) => total + count, 0)",
        to: "reduce((_total, { count }) => count, 0)",
      },
    ],
    noticedBy: ["kernel"],
  },
  {
    name: "wait-without-a-word",
    promise: 8,
    edits: [
      {
        file: "src/sync/slice-end.ts",
        from: "waiting: wakeAt > now ? first.progress.reason : null };",
        to: "waiting: wakeAt > now ? null : first.progress.reason };",
      },
    ],
    noticedBy: ["kernel"],
  },
  {
    name: "waiting-while-at-work",
    promise: 8,
    edits: [
      {
        file: "src/core/job.ts",
        from: "pagesAtSliceStart: pages, waiting: null, wakeAt: leaseUntil",
        to: "pagesAtSliceStart: pages, wakeAt: leaseUntil",
      },
    ],
    noticedBy: ["kernel"],
  },
  {
    name: "wait-of-the-job-before",
    promise: 8,
    edits: [
      {
        file: JOBS,
        from: "if (stored?.jobId === jobId) return stored;\n    return { jobId, isPlanned: false, attempts: 0, retryAt: null, reason: null };",
        to: "if (stored?.jobId === jobId) return stored;\n    return { attempts: 0, retryAt: null, reason: null, ...stored, jobId, isPlanned: false };",
      },
    ],
    noticedBy: ["kernel"],
  },
];
