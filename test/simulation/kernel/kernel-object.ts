import type { Config } from "#config";
import { dueTimes } from "#connection/agenda";
import { announceAll, announceConnection } from "#connection/announce";
import { eraseConnection } from "#connection/erasure";
import { HookAdmission } from "#connection/hook-admission";
import { HookOwner } from "#connection/hook-owner";
import type { StoredHook } from "#connection/hook-store";
import { JobControl } from "#connection/job-control";
import { StoredJobState } from "#connection/job-state";
import type { ConnectionPatch, FireOutcome, Overdue, RunRequest } from "#connection/rpc";
import { fireSchedule } from "#connection/schedule-firing";
import { recordOutcome, recordStart } from "#connection/slice-record";
import { storeAmendment } from "#connection/stored-amendment";
import type { Stores } from "#connection/stores";
import { resetStream } from "#connection/stream-reset";
import type { Surroundings } from "#connection/surroundings";
import { deleteGuard } from "#core/delete-guard";
import type { Refusal, Reply } from "#core/errors";
import { dueAt, type Job } from "#core/job";
import { WakeUp, type AlarmHolder } from "#storage/wake-up";
import type { SliceOutcome } from "#sync/ports";
import { configSchema } from "#test/simulation/stored";
import { sealedKey, keyIn } from "./sealed-key.ts";
import { KernelSlice } from "./kernel-slice.ts";
import type { KernelSource, Settings } from "./kernel-source.ts";
import type { HookAnswer, HookSettings } from "#triggers/webhook/hook";

/** Where the object tells others what there is to be told. */
interface Outlet {
  /** Is an answer waited for? */
  isUnderWay(): boolean;
  send(): void;
}

/** What an object of the kernel is given. */
export interface KernelSurroundings extends Surroundings {
  readonly worker: Config;
  open(settings: Settings): KernelSource;
  readonly toD1: Outlet;
  readonly toReceiver: Outlet;
}

/** Pages that a slice may ask for. */
const BUDGET_REQUESTS = 5;

const NO_BODY = new Uint8Array(new TextEncoder().encode("{}"));
const GENUINE = { isGenuine: true, deliveryId: null, challenge: null } as const;

/**
 * A connection in memory as `connection/open-connection.ts` runs it, of the same parts, without what is awaited there:
 * each call is over when it returns, and a slice goes on when it is told to.
 */
export class KernelObject {
  readonly stores: Stores;
  readonly #around: KernelSurroundings;
  readonly #jobs: JobControl;
  readonly #admission: HookAdmission;
  readonly #owner: HookOwner;
  readonly #wakeUp: WakeUp;
  #slice: KernelSlice | null = null;
  /** One that was broken off while its requests were on their way. */
  #former: KernelSlice | null = null;

  constructor(stores: Stores, around: KernelSurroundings, alarm: AlarmHolder) {
    this.stores = stores;
    this.#around = around;
    this.#jobs = new JobControl(stores, around, () => ({
      isContinuous: around.findSource("")?.continuous === true,
      deadlineMs: around.worker.JOB_DEADLINE_SECONDS * 1000,
      jitterMs: around.worker.SCHEDULE_JITTER_SECONDS * 1000,
    }));
    this.#admission = new HookAdmission(stores, this.#jobs, around);
    this.#owner = new HookOwner(stores, around.worker, around, this.#admission);
    this.#wakeUp = new WakeUp(alarm, () => around.now());
  }

  get slice(): KernelSlice | null {
    return this.#slice;
  }

  get former(): KernelSlice | null {
    return this.#former;
  }

  get isDeleted(): boolean {
    return this.stores.connection.read().deletedAt !== null;
  }

  /** Nothing here is needed any more. */
  get isErasable(): boolean {
    const { toD1, toReceiver } = this.#around;
    const isUnderWay = toD1.isUnderWay() || toReceiver.isUnderWay();
    return this.isDeleted && !isUnderWay && this.stores.outbox.isEmpty() && this.stores.events.isEmpty();
  }

  run(request: RunRequest): Reply<Job> {
    this.arm();
    const reply = this.#jobs.run(request);
    this.#tell();
    return reply;
  }

  cancel(jobId: string): Reply<Job> {
    this.arm();
    const reply = this.#jobs.cancel(jobId, this.#slice !== null);
    if (reply.ok) this.#breakOff("over");
    this.#tell();
    return reply;
  }

  /** @param key new credentials */
  amend(patch: Omit<ConnectionPatch, "credentials">, key: string | null): Refusal | null {
    this.arm();
    const replaced = key === null ? null : { credentials: sealedKey(key), keepsakes: null };
    const source = this.#around.findSource("");
    const jitterMs = this.#around.worker.SCHEDULE_JITTER_SECONDS * 1000;
    const refusal = storeAmendment(this.stores, this.#around, { patch, replaced, source, jitterMs }, () =>
      this.#breakOff("outdated"),
    );
    this.#tell();
    return refusal;
  }

  resetStream(name: string): Refusal | null {
    this.arm();
    return resetStream(this.stores, this.#jobs, name);
  }

  republish(): void {
    this.arm();
    announceAll(this.stores);
    this.#tell();
  }

  erase(): void {
    this.arm();
    eraseConnection(this.stores, this.#jobs, this.#around);
    this.#breakOff("over");
    this.#tell();
    this.arm();
  }

  receive(deliveryId: string | null): Reply<HookAnswer> {
    const headers: Record<string, string> = deliveryId === null ? {} : { "x-delivery": deliveryId };
    const reply = this.#admission.admit({ headers, body: NO_BODY }, GENUINE);
    this.#tellAndArm();
    return reply;
  }

  /** Changes the settings of the address. */
  changeHook(change: (settings: HookSettings) => HookSettings): void {
    this.arm();
    const { hooks, sql } = this.stores;
    sql.transaction(() => {
      const hook = hooks.read();
      if (hook !== null) hooks.write({ ...hook, settings: change(hook.settings) });
    });
    this.#tellAndArm();
  }

  /** Takes the address away. */
  removeHook(): void {
    this.arm();
    this.#owner.remove();
    this.#tellAndArm();
  }

  giveHook(hook: StoredHook): void {
    this.arm();
    const { hooks, sql } = this.stores;
    sql.transaction(() => {
      if (hooks.read() === null) hooks.write(hook);
    });
  }

  fire(forDueAt: number): FireOutcome {
    const timing = { now: this.#around.now(), jitterMs: this.#around.worker.SCHEDULE_JITTER_SECONDS * 1000 };
    const outcome = fireSchedule(this.stores, timing, forDueAt, (request) => this.#jobs.run(request));
    this.#deliver();
    this.arm();
    return outcome;
  }

  poke(overdue: Overdue, jobIds: readonly string[]): void {
    const { jobs, sql } = this.stores;
    const forgotten = jobIds.filter((id) => jobs.read(id) === null);
    if (overdue === "wake") {
      sql.transaction(() => announceConnection(this.stores));
      this.#tell();
    } else if (forgotten.length < jobIds.length && jobs.active() === null && !this.isDeleted) this.republish();
    this.arm();
  }

  /** The alarm goes off: a slice begins, if one is due. */
  alarm(): void {
    this.#wakeUp.fired();
    if (!this.isDeleted) this.#admission.startDue();
    const now = this.#around.now();
    const active = this.stores.jobs.active();
    const at = active === null ? null : dueAt(active, now);
    if (active !== null && this.#slice === null && at !== null && at <= now) this.#begin(active);
    if (this.#slice === null) this.#rest();
  }

  /** A page, or a failure in its place, comes to the slice at work. */
  arrive(place: number | null, failure: unknown = null): void {
    const slice = this.#slice;
    if (slice === null) return;
    this.#sliceDid(slice, () => slice.arrive(place, failure));
  }

  /** What a slice had asked for that was broken off comes all the same. */
  arriveLate(): void {
    const former = this.#former;
    if (former !== null && former.arriving > 0) former.arrive(null);
  }

  /** A slice that is broken off finds out. */
  notice(): void {
    const slice = this.#slice;
    if (slice === null || slice.brokenOff === null) return;
    this.#former = slice;
    this.#ended(slice, { type: "stopped" });
  }

  /** Arms the alarm for what is due next. While a slice is at work it does so itself when it ends. */
  arm(): void {
    const now = this.#around.now();
    if (this.#slice !== null) {
      const active = this.stores.jobs.active();
      if (active?.wakeAt !== undefined && (active.wakeAt ?? 0) > now) return;
      this.#breakOff("over");
    }
    this.#wakeUp.armFor(dueTimes(this.stores, now, this.isErasable));
  }

  #begin(active: Job): void {
    const job = recordStart(this.#jobs, active.id, this.#around.worker, this.#around.now());
    this.#deliver();
    this.stores.outbox.tidy();
    this.#publish();
    if (job.status !== "RUNNING") return;
    const { config, credentials, settings } = this.stores.connection.read();
    const { worker } = this.#around;
    const slice: KernelSlice = new KernelSlice({
      job,
      state: new StoredJobState(
        job.id,
        this.stores,
        this.#around,
        this.#jobs.watchers,
        () => this.#slice === slice && slice.brokenOff === null,
      ),
      source: this.#around.open({ key: keyIn(credentials), edition: configSchema.parse(config).edition }),
      budget: { ms: worker.SLICE_BUDGET_MS, requests: BUDGET_REQUESTS, bytes: worker.SLICE_BUDGET_BYTES },
      concurrency: job.strikes > 1 ? 1 : worker.STREAM_CONCURRENCY,
      guard: deleteGuard(settings.delete_guard_ratio, settings.delete_guard_min_entities),
      now: () => this.#around.now(),
      random: () => this.#around.random(),
    });
    this.#slice = slice;
    this.#sliceDid(slice, () => slice.begin());
  }

  #breakOff(why: "over" | "outdated"): void {
    if (this.#slice !== null) this.#slice.brokenOff ??= why;
  }

  #sliceDid(slice: KernelSlice, work: () => SliceOutcome | null): void {
    try {
      const outcome = work();
      if (outcome !== null) this.#ended(slice, outcome);
    } catch (error) {
      // What a slice throws its alarm throws, and nothing is at work any more.
      this.#slice = null;
      throw error;
    }
  }

  #ended(slice: KernelSlice, outcome: SliceOutcome): void {
    this.#slice = null;
    const isOutdated = slice.brokenOff === "outdated";
    const atOnce = { type: "to_be_continued", wakeAt: this.#around.now(), waiting: null } as const;
    recordOutcome(this.#jobs, slice.job.id, isOutdated ? atOnce : outcome);
    this.#rest();
  }

  /** Nothing is at work any more. What is to be told is told, and the alarm is set for what comes next. */
  #rest(): void {
    this.#publish();
    const { outbox } = this.stores;
    outbox.tidy();
    const now = this.#around.now();
    if ((outbox.dueAt(now) ?? now + 1) <= now) this.#deliver();
    if (!this.isErasable) this.arm();
  }

  #tell(): void {
    this.#deliver();
    if (this.#slice !== null) this.#publish();
    this.arm();
  }

  #tellAndArm(): void {
    if (!this.stores.outbox.isEmpty()) this.#deliver();
    this.arm();
  }

  #deliver(): void {
    this.#around.toD1.send();
  }

  #publish(): void {
    this.#around.toReceiver.send();
  }
}
