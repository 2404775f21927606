import { z } from "zod";

import { isSameKey } from "#auth/api-key";
import { CannotOpen, openCredentials } from "#auth/credentials";
import type { Config } from "#config";
import { connectionStatus } from "#core/connection";
import { quietAt } from "#core/debounce";
import { accepted, refused, type ErrorCode, type Refusal, type Reply } from "#core/errors";
import type { Job } from "#core/job";
import { holds } from "#triggers/webhook/condition";
import type { Delivery, Verdict } from "#triggers/webhook/delivery";
import { UNKNOWN_HOOK, type HookAnswer, type HookOutcome, type ReceivedHook } from "#triggers/webhook/hook";
import { payloadOf } from "#triggers/webhook/payload";
import { verify } from "#triggers/webhook/verification";
import type { StoredHook } from "./hook-store.ts";
import type { JobControl } from "./job-control.ts";
import type { Stores } from "./stores.ts";
import type { Surroundings } from "./surroundings.ts";

const secretsSchema = z.object({ secrets: z.array(z.string()) });

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

  /** When the run that debounced deliveries wait for is due; null while none wait, or only new credentials would help. */
  dueAt(): number | null {
    const waiting = this.#stores.hooks.waiting();
    if (waiting === null || this.#needsReauth()) return null;
    const hook = this.#stores.hooks.read();
    return quietAt(waiting, (hook?.settings.debounceSeconds ?? 0) * 1000);
  }

  /** Starts the run that debounced deliveries wait for, if it is due. */
  startDue(): void {
    this.#stores.sql.transaction(() => {
      const dueAt = this.dueAt();
      if (dueAt !== null && dueAt <= this.#around.now()) this.startWaiting();
    });
  }

  /** Starts the run that debounced deliveries wait for, due or not. */
  startWaiting(): void {
    if (this.#stores.hooks.waiting() === null) return;
    this.#stores.hooks.dropWaiting();
    this.#run();
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
    if (this.#needsReauth()) return this.#refuse("conflict", NEEDS_REAUTH, deliveryId);
    if (deliveryId !== null) hooks.remember(deliveryId, now);
    const verdict = condition === null ? { holds: true as const } : holds(condition, payloadOf(delivery));
    if (!verdict.holds) return this.#note("filtered", deliveryId, { reason: verdict.reason });
    if (debounceSeconds > 0) {
      hooks.saveWaiting({ firstAt: hooks.waiting()?.firstAt ?? now, lastAt: now });
      return this.#note("debounced", deliveryId);
    }
    return this.#note(...this.#start(deliveryId));
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

  #needsReauth(): boolean {
    const { jobs, connection } = this.#stores;
    return connectionStatus(jobs.newest(), connection.read().credentialsChangedAt) === "needs_reauth";
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

const NEEDS_REAUTH =
  "The source connection needs new credentials, so no sync was started. Send the delivery again once it has them.";
