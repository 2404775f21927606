import type { Config } from "#config";
import type { ConnectionSnapshot } from "#core/connection";
import { accepted, refused, type Reply } from "#core/errors";
import { dueAt, type Job } from "#core/job";
import { unexpectedError } from "#observability/events";
import { log } from "#observability/log";
import type { WakeUp } from "#storage/wake-up";
import type { HookAnswer, ReceivedHook } from "#triggers/webhook/hook";
import { withinTimeLimit } from "#sources/time-limit";
import { amendConnection } from "./amendment.ts";
import { dueTimes } from "./agenda.ts";
import { announceAll, announceConnection } from "./announce.ts";
import { ChangeFeed } from "./change-feed.ts";
import { eraseConnection } from "./erasure.ts";
import { EntityView } from "./entity-view.ts";
import { FeedCursors } from "./feed-cursors.ts";
import { FeedEntries } from "./feed-entries.ts";
import { HookAdmission } from "./hook-admission.ts";
import { HookIntake } from "./hook-intake.ts";
import { HookOwner } from "./hook-owner.ts";
import { JobControl } from "./job-control.ts";
import { JobWatch } from "./job-watch.ts";
import type { ConnectionPatch, FireOutcome, Overdue, RunRequest } from "./rpc.ts";
import { fireSchedule } from "./schedule-firing.ts";
import { SliceWork } from "./slice-work.ts";
import { resetStream } from "./stream-reset.ts";
import { snapshot } from "./snapshot.ts";
import type { Stores } from "./stores.ts";
import type { Surroundings } from "./surroundings.ts";

/** Longest that an answer waits for D1 to have the row; after that the outbox sees to it. */
const PATIENCE_MS = 1_500;

/** A connection that exists: what its object does with it. */
export class OpenConnection {
  readonly stores: Stores;
  readonly #worker: Config;
  readonly #around: Surroundings;
  readonly #wakeUp: WakeUp;
  readonly jobs: JobControl;
  readonly watched: JobWatch;
  readonly #slice: SliceWork;
  readonly #admission: HookAdmission;
  readonly #intake: HookIntake;
  readonly hook: HookOwner;
  /** Deliveries, handovers and calls that are not over: they need the tables. */
  #underWay = 0;

  constructor(stores: Stores, worker: Config, around: Surroundings, wakeUp: WakeUp) {
    this.stores = stores;
    this.#worker = worker;
    this.#around = around;
    this.#wakeUp = wakeUp;
    this.jobs = new JobControl(stores, around, () => this.#terms());
    this.#slice = new SliceWork(stores, this.jobs, worker, around);
    this.watched = new JobWatch(
      stores,
      this.jobs,
      () => around.now(),
      () => this.#slice.isAtWork,
    );
    this.#admission = new HookAdmission(stores, this.jobs, around);
    this.#intake = new HookIntake(stores, this.#admission, worker, around);
    this.hook = new HookOwner(stores, worker, around, this.#admission);
  }

  /** Is this the organization's, and not deleted? */
  belongsTo(organizationId: string): boolean {
    const { organizationId: owner, deletedAt } = this.stores.connection.read();
    return owner === organizationId && deletedAt === null;
  }

  get isDeleted(): boolean {
    return this.stores.connection.read().deletedAt !== null;
  }

  /** Deleted, and everybody knows: nothing here is needed any more, and nothing is under way that would look for it. */
  get isErasable(): boolean {
    return this.isDeleted && this.#underWay === 0 && this.stores.outbox.isEmpty() && this.stores.events.isEmpty();
  }

  /** Lets a call finish that awaits something, such as the source: the object is not emptied before. */
  async serve<T>(call: () => T | Promise<T>): Promise<T> {
    this.#underWay += 1;
    try {
      return await call();
    } finally {
      this.#underWay -= 1;
      if (this.isDeleted) this.arm();
    }
  }

  snapshot(): ConnectionSnapshot {
    return snapshot(this.stores, this.jobs);
  }

  entities(): EntityView {
    return new EntityView(
      this.stores.sql,
      this.stores.cursors,
      new Map(this.stores.streams.all().map(({ name, number }) => [name, number])),
    );
  }

  changes(): ChangeFeed {
    const names = new Map(this.stores.streams.all().map(({ name, number }) => [number, name]));
    const { feedId } = this.stores.connection.read();
    const cursors = new FeedCursors(this.stores.cursors, feedId, this.stores.connection.unsignedFeed());
    return new ChangeFeed(new FeedEntries(this.stores.sql, (number) => names.get(number) ?? ""), cursors);
  }

  async run(request: RunRequest): Promise<Reply<Job>> {
    const reply = this.jobs.run(request);
    await this.tellD1();
    return reply;
  }

  /** D1 hears of it afterwards: the sweep has others to call. */
  fire(forDueAt: number): FireOutcome {
    const timing = { now: this.#around.now(), jitterMs: this.#terms().jitterMs };
    const outcome = fireSchedule(this.stores, timing, forDueAt, (request) => this.jobs.run(request));
    void this.#deliver();
    this.arm();
    return outcome;
  }

  /** Answers at once: whoever sent it does not read D1. */
  async receiveHook(received: ReceivedHook): Promise<Reply<HookAnswer>> {
    return this.armedAfter(await this.#intake.receive(received));
  }

  /** For what may have started a job, or changed when one is due. */
  armedAfter<T>(reply: Reply<T>): Reply<T> {
    // Most deliveries of a burst change nothing that D1 is told.
    if (!this.stores.outbox.isEmpty()) void this.#deliver();
    this.arm();
    return reply;
  }

  async cancel(jobId: string): Promise<Reply<Job>> {
    const reply = this.jobs.cancel(jobId, this.#slice.isAtWork);
    // A refused cancel was not about the job at work.
    if (reply.ok) this.#slice.abort();
    await this.tellD1();
    return reply;
  }

  async amend(patch: ConnectionPatch): Promise<Reply<ConnectionSnapshot>> {
    // A source that refuses the old credentials from now on must not fail the job that has new ones.
    const onReplaced = () => this.#slice.restart();
    const refusal = await amendConnection(this.stores, this.#worker, this.#around, patch, onReplaced);
    if (refusal !== null) return refused(refusal);
    await this.tellD1();
    return accepted(this.snapshot());
  }

  /**
   * For who takes D1's word that the connection is overdue: D1 is told what is true, and the alarm looked after. What is
   * true of jobs that are not kept any more nobody here can say: they are handed back.
   */
  async poke(overdue: Overdue, jobIds: readonly string[]): Promise<readonly string[]> {
    const forgotten = jobIds.filter((id) => this.stores.jobs.read(id) === null);
    if (overdue === "wake") {
      this.stores.sql.transaction(() => announceConnection(this.stores));
      await this.tellD1();
    } else if (forgotten.length < jobIds.length && this.stores.jobs.active() === null && !this.isDeleted) {
      await this.republish();
    }
    this.arm();
    return forgotten;
  }

  /** From here on the connection does not exist; the alarm empties the object once D1 knows. */
  async erase(): Promise<ConnectionSnapshot> {
    const before = this.snapshot();
    eraseConnection(this.stores, this.jobs, this.#around);
    this.#slice.abort();
    await this.tellD1();
    return before;
  }

  resetStream(name: string): Reply<ConnectionSnapshot> {
    const refusal = resetStream(this.stores, this.jobs, name);
    return refusal === null ? accepted(this.snapshot()) : refused(refusal);
  }

  /** Everything that D1 should know goes into the outbox again, newer than whatever is there. */
  async republish(): Promise<ConnectionSnapshot> {
    announceAll(this.stores);
    await this.tellD1();
    return this.snapshot();
  }

  /**
   * Arms the alarm for what is due next. While a slice is at work it does so itself when it ends: an alarm set
   * meanwhile would keep the platform from trying the slice again, should its isolate die.
   */
  arm(): void {
    const now = this.#around.now();
    const active = this.stores.jobs.active();
    if (this.#slice.isAtWork) {
      if (active?.wakeAt !== undefined && (active.wakeAt ?? 0) > now) return;
      this.#slice.abort();
    }
    this.#wakeUp.armFor(dueTimes(this.stores, now, this.isErasable));
  }

  /** One slice, if the job is due. What D1 and subscribers have to be told is on its way, but not waited for. */
  async work(): Promise<void> {
    if (!this.isDeleted) this.#admission.startDue();
    const active = this.stores.jobs.active();
    const now = this.#around.now();
    if (active !== null && !this.#slice.isAtWork && isDue(dueAt(active, now), now)) {
      await this.#slice.run(active, () => {
        void this.#deliverAndTidy();
        void this.#publish();
      });
    }
    void this.#publish();
    this.stores.outbox.tidy();
    if (isDue(this.stores.outbox.dueAt(this.#around.now()), this.#around.now())) {
      void this.#deliverAndTidy();
    }
  }

  /** Gives D1 a moment to have what changed, so that whoever reads there next finds it. */
  async tellD1(): Promise<void> {
    const delivery = this.#deliver();
    // No alarm is set while a slice is at work, and it may be at work for long.
    if (this.#slice.isAtWork) void this.#publish();
    this.arm();
    const limit = { milliseconds: PATIENCE_MS, timedOut: () => new Error("D1 is slow.") };
    await withinTimeLimit(limit, () => delivery).catch(() => undefined);
  }

  #deliver(): Promise<void> {
    return this.#errand(() => this.#deliverRows());
  }

  /** Where nobody's answer is held back by it. */
  #deliverAndTidy(): Promise<void> {
    return this.#errand(async () => {
      await this.#deliverRows();
      this.stores.outbox.tidy();
    });
  }

  async #deliverRows(): Promise<void> {
    await this.stores.outbox.deliver(
      () => this.#around.now(),
      () => this.#around.random(),
    );
  }

  async #publish(): Promise<void> {
    if (this.stores.events.isEmpty()) return;
    const { organizationId } = this.stores.connection.read();
    await this.#errand(() => this.stores.events.deliver(organizationId, this.#around));
  }

  /**
   * The tables have to be there until it is over. Nobody waits for it to hear of a fault, such as a disk that is full:
   * the alarm that watches over an errand under way begins it again, and not at once, so no other is armed then.
   */
  async #errand(run: () => Promise<void>): Promise<void> {
    this.#underWay += 1;
    try {
      await run();
    } catch (error) {
      log(unexpectedError("telling others", null, error));
      return;
    } finally {
      this.#underWay -= 1;
    }
    this.arm();
  }

  #terms() {
    const { shortName, settings } = this.stores.connection.read();
    return {
      isContinuous: (this.stores.manifest.read() ?? this.#around.findSource(shortName))?.continuous === true,
      deadlineMs: (settings.job_deadline_seconds ?? this.#worker.JOB_DEADLINE_SECONDS) * 1000,
      jitterMs: this.#worker.SCHEDULE_JITTER_SECONDS * 1000,
    };
  }
}

function isDue(at: number | null, now: number): boolean {
  return at !== null && at <= now;
}
