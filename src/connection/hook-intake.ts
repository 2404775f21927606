import { z } from "zod";

import { isSameKey } from "#auth/api-key";
import { CannotOpen, openCredentials } from "#auth/credentials";
import type { Config } from "#config";
import { accepted, refused, type ErrorCode, type Refusal, type Reply } from "#core/errors";
import type { Job } from "#core/job";
import { holds } from "#triggers/webhook/condition";
import type { Delivery, Verdict } from "#triggers/webhook/delivery";
import { UNKNOWN_HOOK, type HookAnswer, type HookOutcome, type ReceivedHook } from "#triggers/webhook/hook";
import { payloadOf } from "#triggers/webhook/payload";
import { verify } from "#triggers/webhook/verification";
import { announceConnection } from "./announce.ts";
import { hookRunDueAt } from "./hook-run-due.ts";
import type { StoredHook } from "./hook-store.ts";
import type { JobControl } from "./job-control.ts";
import { isPaused } from "./pause.ts";
import type { Stores } from "./stores.ts";
import type { Surroundings } from "./surroundings.ts";

const secretsSchema = z.object({ secrets: z.array(z.string()) });

/** The watchdog calls an alarm lost that is two minutes late by D1's account, which so may be a minute behind. */
const TELL_AGAIN_MS = 60_000;

type Genuine = Extract<Verdict, { readonly isGenuine: true }>;

/** What comes in at the connection's inbound address: verified, and turned into a run. */
export class HookIntake {
  readonly #stores: Stores;
  readonly #jobs: JobControl;
  readonly #worker: Config;
  readonly #around: Surroundings;

  constructor(stores: Stores, jobs: JobControl, worker: Config, around: Surroundings) {
    this.#stores = stores;
    this.#jobs = jobs;
    this.#worker = worker;
    this.#around = around;
  }

  async receive({ tokenHash, headers, body }: ReceivedHook): Promise<Reply<HookAnswer>> {
    const hook = this.#stores.hooks.read();
    if (hook === null || !(await this.#accepts(hook, tokenHash))) return refused(UNKNOWN_HOOK);
    if (body === null) return this.#refuse(TOO_LARGE.code, TOO_LARGE.message, null);
    const delivery: Delivery = { headers, body };
    const verdict = await this.#verdict(hook, delivery);
    if (verdict instanceof CannotOpen) {
      this.#refuse("unavailable", verdict.message, null);
      return refused(CANNOT_VERIFY);
    }
    if (!verdict.isGenuine) {
      const code = verdict.fault === "signature" ? "signature_invalid" : "delivery_invalid";
      return this.#refuse(code, verdict.reason, null);
    }
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

  async #accepts(hook: StoredHook, tokenHash: string): Promise<boolean> {
    const previous = hook.previousToken;
    const isPrevious = previous !== null && previous.until > this.#around.now();
    const [isCurrent, isOld] = await Promise.all([
      isSameKey(tokenHash, hook.tokenHash),
      isPrevious ? isSameKey(tokenHash, previous.hash) : false,
    ]);
    return isCurrent || isOld;
  }

  async #verdict(hook: StoredHook, delivery: Delivery): Promise<Verdict | CannotOpen> {
    const { id } = this.#stores.connection.read();
    try {
      const opened = await openCredentials(this.#worker.SLUICE_ENCRYPTION_KEYS, id, hook.secrets);
      const { secrets } = secretsSchema.parse(opened);
      return await verify(hook.settings.verification, delivery, secrets, this.#around.now());
    } catch (error) {
      if (error instanceof CannotOpen) return error;
      throw error;
    }
  }

  /** What to do about a genuine delivery. In a transaction, so that nothing of it happens without being remembered. */
  #admit(delivery: Delivery, { deliveryId: ownId, challenge }: Genuine): Reply<HookAnswer> {
    const { hooks, connection } = this.#stores;
    // The verification took a moment, in which the address may have been taken away.
    const hook = hooks.read();
    if (hook === null || connection.read().deletedAt !== null) return refused(UNKNOWN_HOOK);
    const { condition, debounceSeconds, deliveryIdHeader } = hook.settings;
    const now = this.#around.now();
    const deliveryId = deliveryIdHeader === null ? ownId : (delivery.headers[deliveryIdHeader] ?? null);
    if (challenge !== null) return this.#note("challenge", deliveryId, { challenge });
    if (deliveryId !== null && hooks.knows(deliveryId, now)) return this.#note("duplicate", deliveryId);
    if (deliveryId !== null) hooks.remember(deliveryId, now);
    const verdict = condition === null ? { holds: true as const } : holds(condition, payloadOf(delivery));
    if (!verdict.holds) return this.#note("filtered", deliveryId, { reason: verdict.reason });
    const isHeld = isPaused(this.#stores);
    if (!isHeld && debounceSeconds === 0) return this.#note(...this.#start(deliveryId));
    this.#wait(now);
    return this.#note(isHeld ? "held" : "debounced", deliveryId);
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

  #refuse(code: ErrorCode, reason: string, deliveryId: string | null): Reply<HookAnswer> {
    this.#note("refused", deliveryId, { reason });
    return refused({ code, message: reason });
  }

  #note(
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
}

const TOO_LARGE: Refusal = {
  code: "body_too_large",
  message: "The body is too large. At most 1000000 bytes are accepted.",
};

/** The owner reads which key is missing; the sender need not know. */
const CANNOT_VERIFY: Refusal = {
  code: "unavailable",
  message: "The signature can't be checked at the moment. Send the delivery again later.",
};
