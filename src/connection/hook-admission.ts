import { accepted, refused, type Reply } from "#core/errors";
import type { Job } from "#core/job";
import { holds } from "#triggers/webhook/condition";
import type { Delivery, Verdict } from "#triggers/webhook/delivery";
import { UNKNOWN_HOOK, type HookAnswer, type HookOutcome } from "#triggers/webhook/hook";
import { payloadOf } from "#triggers/webhook/payload";
import { announceConnection } from "./announce.ts";
import { hookRunDueAt } from "./hook-run-due.ts";
import type { JobControl } from "./job-control.ts";
import { isPaused } from "./pause.ts";
import type { Stores } from "./stores.ts";
import type { Surroundings } from "./surroundings.ts";

/** The watchdog calls an alarm lost that is two minutes late by D1's account, which so may be a minute behind. */
const TELL_AGAIN_MS = 60_000;

type Genuine = Extract<Verdict, { readonly isGenuine: true }>;

/** Turns genuine deliveries into runs, at once or once it has been quiet for long enough. */
export class HookAdmission {
  readonly #stores: Stores;
  readonly #jobs: JobControl;
  readonly #around: Pick<Surroundings, "now">;

  constructor(stores: Stores, jobs: JobControl, around: Pick<Surroundings, "now">) {
    this.#stores = stores;
    this.#jobs = jobs;
    this.#around = around;
  }

  /** What to do about a genuine delivery. In a transaction, so that nothing of it happens without being remembered. */
  admit(delivery: Delivery, verdict: Genuine): Reply<HookAnswer> {
    return this.#stores.sql.transaction(() => this.#admit(delivery, verdict));
  }

  /** Starts the run that accepted deliveries wait for, if it is due. */
  startDue(): void {
    this.#stores.sql.transaction(() => {
      const dueAt = hookRunDueAt(this.#stores);
      if (dueAt !== null && dueAt <= this.#around.now()) this.startWaiting();
    });
  }

  /** Starts the run that accepted deliveries wait for, due or not, unless the connection is paused. */
  startWaiting(): void {
    if (this.#stores.hooks.waiting() === null || isPaused(this.#stores)) return;
    this.#stores.hooks.dropWaiting();
    this.#run();
    announceConnection(this.#stores);
  }

  /** Remembers for its owner what became of a delivery, and answers it. */
  note(
    outcome: HookOutcome,
    deliveryId: string | null,
    more: { readonly reason?: string; readonly job?: Job | null; readonly challenge?: string } = {},
  ): Reply<HookAnswer> {
    const { reason = null, job = null, challenge = null } = more;
    this.#stores.sql.transaction(() =>
      this.#stores.hooks.note({ at: this.#around.now(), outcome, reason, deliveryId, jobId: job?.id ?? null }),
    );
    return accepted({ outcome, deliveryId, job, challenge });
  }

  #admit(delivery: Delivery, { deliveryId: ownId, challenge }: Genuine): Reply<HookAnswer> {
    const { hooks, connection } = this.#stores;
    // The verification took a moment, in which the address may have been taken away.
    const hook = hooks.read();
    if (hook === null || connection.read().deletedAt !== null) return refused(UNKNOWN_HOOK);
    const { condition, debounceSeconds, deliveryIdHeader } = hook.settings;
    const now = this.#around.now();
    const deliveryId = deliveryIdHeader === null ? ownId : (delivery.headers[deliveryIdHeader] ?? null);
    if (challenge !== null) return this.note("challenge", deliveryId, { challenge });
    if (deliveryId !== null && hooks.knows(deliveryId, now)) return this.note("duplicate", deliveryId);
    if (deliveryId !== null) hooks.remember(deliveryId, now);
    const verdict = condition === null ? { holds: true as const } : holds(condition, payloadOf(delivery));
    if (!verdict.holds) return this.note("filtered", deliveryId, { reason: verdict.reason });
    const isHeld = isPaused(this.#stores);
    if (!isHeld && debounceSeconds === 0) return this.note(...this.#start(deliveryId));
    this.#wait(now);
    return this.note(isHeld ? "held" : "debounced", deliveryId);
  }

  /** Lets a run stand for this delivery later. D1 is told when, and again only where that is put off by much. */
  #wait(now: number): void {
    const { hooks } = this.#stores;
    const before = hooks.waiting();
    const waiting = { firstAt: before?.firstAt ?? now, lastAt: now, toldDueAt: before?.toldDueAt ?? null };
    hooks.saveWaiting(waiting);
    const dueAt = hookRunDueAt(this.#stores);
    if (dueAt === null || (waiting.toldDueAt !== null && dueAt < waiting.toldDueAt + TELL_AGAIN_MS)) return;
    hooks.saveWaiting({ ...waiting, toldDueAt: dueAt });
    announceConnection(this.#stores);
  }

  #start(deliveryId: string | null): [HookOutcome, string | null, { job: Job | null }] {
    const { job, isFollowUp } = this.#run();
    return [isFollowUp ? "queued" : "started", deliveryId, { job }];
  }

  /** A run that begins to read after this moment: a job that has not begun to, or the one after the active job. */
  #run(): { job: Job | null; isFollowUp: boolean } {
    const active = this.#stores.jobs.active();
    const isFollowUp = active !== null && active.status !== "PENDING";
    const reply = this.#jobs.run({
      trigger: "webhook",
      forceFullSync: false,
      confirmDeletes: false,
      idempotencyKey: null,
      onConflict: isFollowUp ? "queue" : "attach",
    });
    return { job: reply.ok ? reply.value : null, isFollowUp };
  }
}
