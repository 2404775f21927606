import type { Break, Machine } from "./break.ts";
import { ACROSS_AN_AWAIT } from "./across-an-await.ts";
import { OF_A_FIELD } from "./of-a-field.ts";
import { OF_THE_HOSTILE } from "./of-the-hostile.ts";
import { OF_THE_OUTSIDE } from "./of-the-outside.ts";
import { OF_THE_WALLS } from "./of-the-walls.ts";

const CONTROL = "src/connection/job-control.ts";
const OPEN = "src/connection/open-connection.ts";
const SLICE = "src/connection/slice-work.ts";
const STATE = "src/connection/job-state.ts";
const AGENDA = "src/connection/agenda.ts";
const ADMISSION = "src/connection/hook-admission.ts";
const OUTBOX = "src/connection/outbox.ts";
const EVENTS = "src/connection/event-outbox.ts";
const ENTITIES = "src/connection/entity-store.ts";
const READ_ANEW = "src/connection/read-anew.ts";
const APPLY = "src/sync/apply-page.ts";
const PAGE = "src/sync/page-outcome.ts";
const END = "src/sync/slice-end.ts";
const JOB = "src/core/job.ts";
const WINDOWS = "src/sources/manifest/incremental/datetime-windows.ts";
const PROJECTION = "src/records/projection.ts";

/** The simulation, in each of its tiers. */
const SIMULATION: readonly Machine[] = ["kernel", "core", "whole"];

/** Each promise, broken in the ways in which it is most easily broken. */
export const CATALOGUE: readonly Break[] = [
  // One active job
  {
    name: "second-active-job",
    promise: 1,
    edits: [{ file: CONTROL, from: "const active = jobs.active();", to: "const active = null as Job | null;" }],
    noticedBy: [...SIMULATION, "chaos"],
  },
  {
    name: "key-forgotten",
    promise: 1,
    edits: [{ file: CONTROL, from: "if (key !== null) jobs.rememberKey(key, job.id, this.#around.now());", to: "" }],
    noticedBy: ["kernel", "chaos"],
  },
  {
    name: "follow-up-lost",
    promise: 1,
    edits: [{ file: CONTROL, from: "if (connection.read().deletedAt === null) this.#begin(followUp);", to: "" }],
    noticedBy: [...SIMULATION, "chaos"],
  },
  {
    name: "delivery-taken-twice",
    promise: 1,
    edits: [
      {
        file: ADMISSION,
        from: "if (deliveryId !== null && hooks.knows(deliveryId, now))",
        to: "if (deliveryId === undefined)",
      },
    ],
    noticedBy: ["kernel", "chaos"],
  },
  {
    name: "paused-starts-on-delivery",
    promise: 1,
    edits: [
      { file: ADMISSION, from: "const isHeld = isPaused(this.#stores);", to: "const isHeld = false;" },
      { file: "src/connection/hook-run-due.ts", from: "waiting === null || isPaused(stores)", to: "waiting === null" },
      {
        file: ADMISSION,
        from: "this.#stores.hooks.waiting() === null || isPaused(this.#stores)",
        to: "this.#stores.hooks.waiting() === null",
      },
    ],
    noticedBy: [...SIMULATION, "chaos"],
  },
  {
    name: "due-time-acted-on-twice",
    promise: 1,
    edits: [
      { file: "src/core/schedule.ts", from: "nextRunAt: isRunDue ? after(schedule.cron) : plan.nextRunAt,", to: "" },
    ],
    noticedBy: SIMULATION,
  },

  // Pages are atomic
  {
    name: "page-in-two-transactions",
    promise: 2,
    edits: [
      {
        file: STATE,
        from: "const { streams, entities, log, sql } = this.#stores;\n    return sql.transaction(() => {",
        to: "const { streams, entities, log, sql } = this.#stores;\n    return (<T>(work: () => T) => work())(() => {",
      },
      {
        file: STATE,
        from: "const changed = change(before, entities);\n      streams.write(changed);",
        to: "const changed = sql.transaction(() => change(before, entities));\n      sql.transaction(() => streams.write(changed));",
      },
    ],
    noticedBy: [...SIMULATION, "chaos"],
  },
  {
    name: "checkpoint-before-page",
    promise: 2,
    edits: [
      {
        file: PAGE,
        from: "  return ports.state.commit(stream.name, (state, copy) => applyPage(",
        to: `  ports.state.commit(stream.name, (state) => ({
    ...state,
    progress: { ...state.progress, checkpoint: page.checkpoint },
  }));
  return ports.state.commit(stream.name, (state, copy) => applyPage(`,
      },
    ],
    noticedBy: [...SIMULATION, "chaos"],
  },

  // Accepted means finished
  {
    name: "wait-without-alarm",
    promise: 3,
    edits: [
      {
        file: AGENDA,
        from: "const jobDueAt = active === null ? null : dueAt(active, now);",
        to: "const jobDueAt = active === null || active.waiting !== null ? null : dueAt(active, now);",
      },
    ],
    noticedBy: [...SIMULATION, "chaos"],
  },
  {
    name: "dead-slice-left-dead",
    promise: 3,
    edits: [
      {
        file: JOB,
        from: 'return job.isAtWork || job.status === "CANCELLING" ? now : job.wakeAt;',
        to: 'return job.isAtWork ? null : job.status === "CANCELLING" ? now : job.wakeAt;',
      },
    ],
    noticedBy: [...SIMULATION, "chaos"],
  },
  {
    name: "begun-anew-after-death",
    promise: 3,
    edits: [
      {
        file: SLICE,
        from: "this.#current = slice;\n    try {",
        to: `this.#current = slice;
    try {
      if (job.isAtWork)
        for (const state of this.#stores.streams.activeIn(job.id))
          this.#stores.streams.write({ ...state, progress: { ...state.progress, checkpoint: null } });`,
      },
    ],
    noticedBy: ["core", "whole", "chaos"],
  },
  {
    name: "watchdog-pokes-nobody",
    promise: 3,
    edits: [
      {
        file: "src/triggers/watchdog.ts",
        from: "const answer = await inTime(() => gate(id).poke(what, jobIds));",
        to: "const answer = what === undefined ? null : jobIds.slice(jobIds.length);",
      },
    ],
    noticedBy: ["whole"],
  },
  {
    name: "ended-job-changes",
    promise: 3,
    edits: [
      {
        file: JOB,
        from: '    case "COMPLETED":\n    case "FAILED":\n    case "CANCELLED":\n      return job;\n  }\n}\n\nfunction fromPending',
        to: '    case "COMPLETED":\n    case "FAILED":\n    case "CANCELLED":\n      return event.type === "finished" || event.type === "stopped" ? end(job, "FAILED", [], now) : job;\n  }\n}\n\nfunction fromPending',
      },
    ],
    noticedBy: ["kernel", "tests"],
    tests: ["test/core/job.test.ts"],
  },
  {
    name: "deadline-ignored",
    promise: 3,
    edits: [{ file: JOB, from: "if (now >= job.deadlineAt && !hasRead) {", to: "if (now >= job.deadlineAt * 2) {" }],
    noticedBy: ["tests"],
    tests: ["test/core/job.test.ts"],
  },
  {
    name: "completed-without-failed-stream",
    promise: 3,
    edits: [
      { file: END, from: 'if (failures.length > 0) return { type: "finished", failures };\n  return', to: "return" },
    ],
    noticedBy: [...SIMULATION, "chaos"],
  },

  // Deletes need proof
  {
    name: "orphans-swept-in-failed-job",
    promise: 4,
    edits: [
      {
        file: END,
        from: 'if (failures.length > 0) return { type: "finished", failures };\n  return deleteOrphans(ports, streams);',
        to: 'const swept = deleteOrphans(ports, streams);\n  return swept.type === "finished" ? { type: "finished", failures } : swept;',
      },
    ],
    noticedBy: [...SIMULATION, "chaos"],
  },
  {
    name: "guard-ignored",
    promise: 4,
    edits: [{ file: END, from: 'if (held.length > 0) return { type: "finished", failures: held };', to: "" }],
    noticedBy: [...SIMULATION, "chaos"],
  },
  {
    name: "continued-pass-proves-deletes",
    promise: 4,
    edits: [
      {
        file: APPLY,
        from: "progress.full && !progress.isContinued && !progress.isMixed",
        to: "progress.full && !progress.isMixed",
      },
    ],
    noticedBy: ["core"],
  },
  {
    name: "mixed-pass-proves-deletes",
    promise: 4,
    edits: [{ file: APPLY, from: "!progress.isContinued && !progress.isMixed", to: "!progress.isContinued" }],
    noticedBy: ["kernel", "core", "chaos"],
  },
  {
    name: "only-refused-pass-is-mixed",
    promise: 4,
    edits: [
      {
        file: "src/connection/stream-store.ts",
        from: 'isPassBegun(progress) && (isRefused || progress.phase === "reading")',
        to: "isPassBegun(progress) && isRefused",
      },
    ],
    noticedBy: ["kernel", "core", "chaos"],
  },
  {
    name: "incomplete-pass-proves-deletes",
    promise: 4,
    edits: [
      {
        file: APPLY,
        from: "isWhole && end.complete && progress.nameless === 0",
        to: "isWhole && progress.nameless === 0",
      },
    ],
    noticedBy: ["tests"],
    tests: ["test/sync/apply-page.test.ts"],
  },
  {
    name: "marks-of-earlier-job",
    promise: 4,
    edits: [{ file: CONTROL, from: "entities.clearAllMarks();", to: "" }],
    noticedBy: SIMULATION,
  },
  {
    name: "marks-of-lost-cursor",
    promise: 4,
    edits: [{ file: PAGE, from: "copy.clearMarks(state.number);", to: "" }],
    noticedBy: SIMULATION,
  },

  {
    name: "confirmation-outlives-config",
    promise: 4,
    edits: [
      {
        file: READ_ANEW,
        from: "jobs.write({ ...job, deletesConfirmed: false });\n  const { isPlanned }",
        to: "const { isPlanned }",
      },
    ],
    noticedBy: ["kernel"],
  },
  {
    name: "confirmation-outlives-credentials",
    promise: 4,
    edits: [
      {
        file: READ_ANEW,
        from: "jobs.write({ ...job, deletesConfirmed: false });\n  const changed",
        to: "const changed",
      },
    ],
    noticedBy: ["kernel", "core", "chaos"],
  },
  {
    name: "queued-confirmation-outlives-credentials",
    promise: 4,
    edits: [{ file: READ_ANEW, from: "jobs.unconfirmFollowUp();\n  if (", to: "if (" }],
    noticedBy: ["kernel", "tests"],
    tests: ["test/connection/stored-amendment.test.ts"],
  },
  {
    name: "pass-begins-with-nothing",
    promise: 4,
    edits: [{ file: "src/core/read-start.ts", from: "before: state.count,", to: "before: 0," }],
    noticedBy: SIMULATION,
  },

  // Cursors never skip
  {
    name: "first-read-goes-on-with-other-credentials",
    promise: 5,
    edits: [
      {
        file: STATE,
        from: '`${connection.read().credentialsChangedAt} ${manifest.read()?.revision ?? ""}`',
        to: '`${connection.read().id} ${manifest.read()?.revision ?? ""}`',
      },
    ],
    noticedBy: ["kernel", "chaos"],
  },
  {
    name: "places-kept-across-configs",
    promise: 5,
    edits: [{ file: READ_ANEW, from: "streams.forgetPlaces();", to: "" }],
    noticedBy: ["kernel"],
  },
  {
    name: "broken-off-slice-commits",
    promise: 5,
    edits: [
      {
        file: STATE,
        from: 'return this.#isAtWork() && this.#stores.jobs.read(this.#jobId)?.status === "RUNNING";',
        to: 'return this.#stores.jobs.read(this.#jobId)?.status === "RUNNING";',
      },
    ],
    noticedBy: ["kernel"],
  },
  {
    name: "boundary-exclusive",
    promise: 5,
    edits: [
      {
        file: WINDOWS,
        from: "latest(this.instantOf(since), start);",
        to: "latest({ ...this.instantOf(since), epochMicros: this.instantOf(since).epochMicros + 1_000_000n }, start);",
      },
    ],
    noticedBy: ["chaos"],
  },
  {
    name: "lookback-ignored",
    promise: 5,
    edits: [
      {
        file: WINDOWS,
        from: "if (lookback === null) return before;",
        to: "if (lookback !== undefined) return before;",
      },
    ],
    noticedBy: ["chaos"],
  },

  {
    name: "places-of-another-config",
    promise: 5,
    edits: [
      {
        file: "src/connection/stored-amendment.ts",
        from: "if (movesPlaces(source, stored.config, newConfig)) readAnew(stores, now);",
        to: "if (movesPlaces(source, stored.config, newConfig) && now < 0) readAnew(stores, now);",
      },
    ],
    noticedBy: [...SIMULATION, "chaos"],
  },
  {
    name: "page-of-another-config",
    promise: 5,
    edits: [
      {
        file: SLICE,
        from: "this.#current === slice && !slice.signal.aborted;",
        to: "this.#current === slice;",
      },
      {
        file: "src/connection/stored-amendment.ts",
        from: "if (isReplaced) onReplaced();",
        to: "if (isReplaced) queueMicrotask(onReplaced);",
      },
    ],
    noticedBy: SIMULATION,
  },

  // Counts are exact
  {
    name: "kept-twice",
    promise: 6,
    edits: [{ file: APPLY, from: "} else if (isNewlySeen) {", to: "} else {" }],
    noticedBy: [...SIMULATION, "chaos"],
  },
  {
    name: "updates-counted-as-inserts",
    promise: 6,
    edits: [
      {
        file: APPLY,
        from: "inserted: progress.counts.inserted + sorted.inserted,",
        to: "inserted: progress.counts.inserted + sorted.rows.length,",
      },
    ],
    noticedBy: [...SIMULATION, "chaos"],
  },
  {
    name: "unknown-tombstones-counted",
    promise: 6,
    edits: [
      {
        file: APPLY,
        from: "deleted: progress.counts.deleted + deleted.length,",
        to: "deleted: progress.counts.deleted + tombstones.size,",
      },
    ],
    noticedBy: [...SIMULATION, "chaos"],
  },
  {
    name: "feed-without-tombstones",
    promise: 6,
    edits: [{ file: ENTITIES, from: "this.#recordChange(change, [], deletes);", to: "" }],
    noticedBy: ["whole", "chaos"],
  },
  {
    name: "ended-job-counted-each-time",
    promise: 6,
    edits: [
      {
        file: PROJECTION,
        from: "WHERE NOT EXISTS (SELECT 1 FROM sync_jobs WHERE id = ?12 AND completed_at IS NOT NULL)",
        to: "WHERE ?12 IS NOT NULL",
      },
    ],
    noticedBy: ["whole", "chaos"],
  },

  // D1 is a projection
  {
    name: "job-row-without-version",
    promise: 7,
    edits: [
      {
        file: PROJECTION,
        from: "wake_at = excluded.wake_at\n  WHERE excluded.version > sync_jobs.version`",
        to: "wake_at = excluded.wake_at`",
      },
    ],
    noticedBy: ["whole", "chaos"],
  },
  {
    name: "connection-row-without-version",
    promise: 7,
    edits: [{ file: PROJECTION, from: "\n  WHERE excluded.version > source_connections.version`", to: "`" }],
    noticedBy: ["whole", "chaos"],
  },
  {
    name: "row-dropped-when-d1-fails",
    promise: 7,
    edits: [
      {
        file: OUTBOX,
        from: "this.postpone(now(), random(), error);\n        return false;",
        to: "this.postpone(now(), random(), error);",
      },
    ],
    noticedBy: ["core", "whole", "chaos"],
  },
  {
    name: "newer-row-removed-with-older",
    promise: 7,
    edits: [
      {
        file: "src/connection/outbox-rows.ts",
        from: '"DELETE FROM outbox WHERE key = ? AND version = ?", key, version',
        to: '"DELETE FROM outbox WHERE key = ? AND ? > 0", key, version',
      },
    ],
    noticedBy: ["whole", "chaos"],
  },
  {
    name: "later-due-time-told",
    promise: 7,
    edits: [
      {
        file: "src/core/schedule.ts",
        from: "return Math.min(nextRunAt, nextFullAt);",
        to: "return Math.max(nextRunAt, nextFullAt);",
      },
    ],
    noticedBy: SIMULATION,
  },
  {
    name: "failure-looks-active",
    promise: 7,
    edits: [
      {
        file: "src/core/connection.ts",
        from: 'if (!isCredentialCategory(lastJob.errorCategory)) return "error";',
        to: 'if (!isCredentialCategory(lastJob.errorCategory)) return "active";',
      },
    ],
    noticedBy: SIMULATION,
  },
  {
    name: "outbox-without-alarm",
    promise: 7,
    edits: [{ file: AGENDA, from: "outbox.dueAt(now), events.dueAt(now)", to: "events.dueAt(now)" }],
    noticedBy: SIMULATION,
  },
  {
    name: "events-dropped-after-failed-handover",
    promise: 7,
    edits: [
      {
        file: EVENTS,
        from: "this.postpone(organizationId, around, error);\n        return;",
        to: "this.postpone(organizationId, around, error);",
      },
    ],
    noticedBy: ["core", "whole", "chaos"],
  },
  {
    name: "events-without-alarm",
    promise: 7,
    edits: [{ file: AGENDA, from: "outbox.dueAt(now), events.dueAt(now)", to: "outbox.dueAt(now)" }],
    noticedBy: SIMULATION,
  },
  {
    name: "fault-that-nobody-hears",
    promise: 7,
    edits: [{ file: OPEN, from: 'log(unexpectedError("telling others", null, error));', to: "throw error;" }],
    noticedBy: ["core"],
  },

  // Waiting is free
  {
    name: "retry-after-ignored",
    promise: 8,
    edits: [
      {
        file: "src/core/retry.ts",
        from: "failure.retryAt === null ? now + backoffMs(attempts, random) : Math.max(failure.retryAt, now + 1)",
        to: "now + backoffMs(attempts, random)",
      },
    ],
    noticedBy: [...SIMULATION, "chaos"],
  },

  // Unchanged costs nothing
  {
    name: "unchanged-written-again",
    promise: 9,
    edits: [
      {
        file: APPLY,
        from: "} else if (!sameContent(before.text, text)) {",
        to: "} else if (before.text !== `${text} `) {",
      },
    ],
    noticedBy: [...SIMULATION, "chaos"],
  },

  // Cancel is prompt
  {
    name: "cancel-leaves-slice-at-work",
    promise: 10,
    edits: [{ file: OPEN, from: "if (reply.ok) this.#slice.abort();", to: "" }],
    noticedBy: ["core", "whole", "chaos"],
  },
  {
    name: "requests-outlive-slice",
    promise: 10,
    edits: [
      {
        file: SLICE,
        from: "openSource(settings, this.#worker, keepsakes, signal, this.#around)",
        to: "openSource(settings, this.#worker, keepsakes, new AbortController().signal, this.#around)",
      },
    ],
    noticedBy: ["chaos"],
  },

  // Secrets stay in
  {
    name: "credentials-in-log",
    promise: 11,
    edits: [
      {
        file: SLICE,
        from: "const credentials = await openCredentials(keys, id, sealed);",
        to: 'const credentials = await openCredentials(keys, id, sealed);\n      console.log(JSON.stringify({ level: "debug", credentials }));',
      },
    ],
    noticedBy: ["chaos"],
  },
  {
    name: "secret-in-error",
    promise: 11,
    edits: [
      {
        file: "src/sources/response-failure.ts",
        from: "excerpt(withoutMarkup(redact(errorMessageOf(text))), redact)",
        to: "excerpt(withoutMarkup(errorMessageOf(text)), (said) => said)",
      },
    ],
    noticedBy: ["chaos"],
  },
  {
    name: "credentials-stored-in-plain",
    promise: 11,
    edits: [
      {
        file: "src/auth/credentials.ts",
        from: "ciphertext: ciphertext.toBase64(),",
        to: "ciphertext: ciphertext.toBase64(),\n    ...{ plain: JSON.stringify(credentials) },",
      },
    ],
    noticedBy: ["chaos"],
  },

  {
    name: "webhook-stays-with-old-key",
    promise: 11,
    edits: [{ file: SLICE, from: "await this.#stores.hooks.reseal(keys, id);", to: "" }],
    noticedBy: ["tests"],
    tests: ["test/connection/lifecycle.workerd.test.ts"],
  },
  {
    name: "subscription-stays-with-old-key",
    promise: 11,
    edits: [
      { file: "src/events/courier.ts", from: "for (const each of secrets) await this.#reseal(id, each);", to: "" },
      { file: "src/events/courier.ts", from: "  async #reseal(", to: "  async reseal(" },
    ],
    noticedBy: ["tests"],
    tests: ["test/events/deliveries.workerd.test.ts"],
  },
  {
    name: "deleted-connection-not-emptied",
    promise: 3,
    edits: [
      {
        file: AGENDA,
        from: "const emptyAt = isDeleted ? now + (isErasable ? 0 : EMPTY_LATER_MS) : null;",
        to: "const emptyAt = isErasable ? now : null;",
      },
    ],
    noticedBy: ["core", "tests"],
    tests: ["test/connection/lifecycle.workerd.test.ts"],
  },

  // Tenants are walls
  {
    name: "organization-not-asked-for",
    promise: 12,
    edits: [
      {
        file: OPEN,
        from: "return owner === organizationId && deletedAt === null;",
        to: 'return owner !== "" && organizationId !== "" && deletedAt === null;',
      },
    ],
    noticedBy: ["chaos", "tests"],
    tests: ["test/fuzz/tenants.workerd.test.ts"],
  },
  ...OF_A_FIELD,
  ...OF_THE_OUTSIDE,
  ...OF_THE_HOSTILE,
  ...ACROSS_AN_AWAIT,
  ...OF_THE_WALLS,
];
