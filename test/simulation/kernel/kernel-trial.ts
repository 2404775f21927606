import type { ConnectionPatch, RunRequest } from "#connection/rpc";
import type { Job } from "#core/job";
import { copyFault, isDealtWith, needsFullSync } from "#test/simulation/ends";
import { hasEnded } from "#test/simulation/promises/ended";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "#test/simulation/setting";
import { STREAMS } from "#test/simulation/simulated-upstream";
import { Breach, type Run } from "#test/simulation/trial";
import { WatchedConnection } from "#test/simulation/watched-connection";
import { calm } from "#test/simulation/weather";
import { ADDRESS, type KernelWorld } from "./kernel-world.ts";

/** One history of the kernel, and the promises that are looked after at each step. */
export class KernelTrial {
  readonly world: KernelWorld;
  readonly on: WatchedConnection<KernelWorld>;
  /** What callers were told that named their request; null where they were not answered. */
  readonly #named = new Map<string, { readonly jobId: string | null; readonly at: number }>();

  constructor(world: KernelWorld) {
    this.world = world;
    this.on = new WatchedConnection(world);
    world.onStep = () => this.check();
    this.check();
  }

  /** Throws a Breach where a promise does not hold at this moment. */
  check(): void {
    const breaches = this.on.look();
    if (breaches.length > 0 || this.world.faults.length > 0) {
      throw new Breach([...breaches, ...this.world.faults].join("\n"));
    }
  }

  run(wanted: Run): void {
    const request = { ...ANY_RUN, ...wanted };
    const { activeJob } = this.on;
    const known = new Set(this.on.view.jobs.map(({ id }) => id));
    const followUp = this.on.view.followUp;
    const isAsked = request.confirmDeletes ? this.on.confirmations.give() : null;
    const reply = this.world.call((object) => object.run(request));
    isAsked?.();
    this.check();
    if (activeJob !== null && request.onConflict !== "queue") {
      this.#expect(this.on.view.followUp === followUp, "a run that is not to be queued changed what is");
    }
    const key = request.idempotencyKey;
    if (reply === undefined) {
      // It may have been done all the same.
      if (key !== null && !this.#named.has(key)) this.#named.set(key, { jobId: null, at: this.world.clock.now });
      return;
    }
    const named = this.#jobNamed(key);
    const isUncertain = key !== null && this.#named.get(key)?.jobId === null;
    if (!reply.ok) {
      this.#expect(named === null && activeJob !== null && request.onConflict === "reject", "this run was refused");
      return;
    }
    const { id } = reply.value;
    if (named !== null) this.#expect(id === named, "the same key was answered with another job");
    else if (isUncertain)
      this.#expect(known.has(id) || activeJob === null, "a second job was begun beside the active one");
    else if (activeJob === null) this.#expect(!known.has(id), "an old job was given for a new run");
    else
      this.#expect(id === activeJob.id && request.onConflict !== "reject", "a run beside the active job was accepted");
    if (named === null && key !== null) this.#named.set(key, { jobId: id, at: this.world.clock.now });
    this.on.jobs.accept(id);
    if (named === null && !isUncertain && activeJob !== null && request.onConflict === "queue") {
      this.on.jobs.promiseFollowUp(id, request.forceFullSync);
    }
  }

  /** Cancels the newest job. `isNoticed`: the slice at work finds out at once. */
  cancel(isNoticed: boolean): void {
    const { newestJob, world, on } = this;
    if (newestJob === null) return;
    const { commits } = world.disk;
    const refusedBefore = commits.refused;
    const reply = world.call((object) => object.cancel(newestJob.id));
    if (reply === undefined) return;
    this.#expect(reply.ok !== hasEnded(newestJob.status), "this cancel was answered as it was");
    if (reply.ok) on.jobs.promiseCancel(newestJob.id);
    this.check();
    if (!isNoticed) return;
    world.notice();
    this.check();
    const job = on.view.jobs.find(({ id }) => id === newestJob.id);
    const isUndisturbed = commits.refused === refusedBefore && world.isInMemory;
    if (reply.ok && isUndisturbed && job !== undefined && !hasEnded(job.status)) {
      throw new Breach(`Job ${job.id} was cancelled, and is ${job.status}.`);
    }
  }

  /** A run, and time until its slice is at work. */
  start(wanted: Run): void {
    this.run(wanted);
    this.check();
    for (let tries = 0; tries < 3 && !this.world.isAtWork; tries += 1) this.world.next();
  }

  amend(patch: Omit<ConnectionPatch, "credentials">): void {
    this.world.call((object) => object.amend(patch, null));
  }

  changeConfig(edition: number): void {
    const isOver = this.on.configs.send(edition);
    isOver(this.world.call((object) => object.amend({ config: { edition } }, null)) === null);
  }

  /** A new key, which shows all but these ids, and the old one is taken back as soon as that is in its place. */
  renewKey(hidden: readonly string[] = []): void {
    const { key, isGiven } = this.world.upstream.keys.make(hidden);
    isGiven(this.world.call((object) => object.amend({}, key)) === null);
  }

  /** Something comes in at the connection's address; null for a delivery that nobody has named. */
  deliver(deliveryId: string | null): void {
    const at = this.world.clock.now;
    this.on.inbound.sent(deliveryId, at);
    const reply = this.world.call((object) => object.receive(deliveryId));
    if (reply?.ok === true) this.on.inbound.answered(deliveryId, at, reply.value);
  }

  renewHook(): void {
    const isRemoved = this.world.call((object) => {
      object.removeHook();
      return true;
    });
    if (isRemoved === true) this.on.inbound.renewed();
    this.check();
    this.world.call((object) => object.giveHook(ADDRESS));
  }

  erase(): void {
    const isDone = this.world.call((object) => {
      object.erase();
      return true;
    });
    this.check();
    // Where its disk was full, or it died of it, it may have happened or not.
    const { connection } = this.on.view;
    this.on.isErased = connection === null || connection.deletedAt !== null;
    this.#expect(this.on.isErased || isDone !== true, "a delete that was answered did nothing");
  }

  /** Everything is well again: what was promised comes true, and quiet syncs end with the upstream's copy. */
  conclude(): void {
    const { world, on } = this;
    Object.assign(world.weather, { ...calm(), source: world.weather.source });
    world.disk.commits.takeAll();
    // An object in memory leaves an alarm that it has set a minute to come, and then the watchdog looks after it.
    if (on.view.alarm.isDoubtful) world.pass(4 * MINUTE_MS);
    // Of a job that D1 has never heard of only a call can remind its object.
    if (on.isUnknownToD1) world.call((object) => object.arm());
    const active = on.activeJob?.id;
    this.#until(
      "the job ends by its deadline",
      25,
      MINUTE_MS,
      () => on.activeJob === null || on.activeJob.id !== active,
    );
    world.weather.source = "prompt";
    if (on.isErased) return this.#expectEmpty();
    // Whose credentials were not refused goes on with them.
    if (on.newestJob?.errorCategory === "api_key_invalid") this.renewKey();
    this.#until("what is due is dealt with", 25, MINUTE_MS, () => isDealtWith(on.view));
    this.amend({ schedule: null });
    for (const name of STREAMS) world.upstream.of(name).losesNext = false;
    this.#until("the last job ends", 25, MINUTE_MS, () => on.activeJob === null);
    this.#expectExactCopy();
    this.#until("everything is told", 40, HOUR_MS, () => on.isAllTold(new Set(world.received)));
  }

  #expectEmpty(): void {
    const { on } = this;
    const isAsleep = () => on.view.connection === null && on.view.alarm.at === null;
    this.#until("the object of a deleted connection is empty, and sleeps", 20, MINUTE_MS, isAsleep);
    this.#expect(on.view.projectedJobs.size === 0, "D1 has jobs of a deleted connection");
  }

  #expectExactCopy(): void {
    const forceFullSync = needsFullSync(this.world.upstream);
    this.#quietSync(forceFullSync);
    const before = this.on.view.entities;
    const { inserted, updated, deleted } = this.#quietSync(forceFullSync).counts;
    this.#expect(inserted + updated + deleted === 0, "a sync of what has not changed found something to do");
    this.#expect(before.size === this.on.view.entities.size, "a sync of what has not changed changed the copy");
  }

  #quietSync(forceFullSync: boolean): Job {
    const { on } = this;
    const before = on.newestJob?.id;
    this.run({ forceFullSync, confirmDeletes: true });
    this.check();
    this.#expect(on.newestJob?.id !== before, "a run of a quiet connection was not accepted");
    this.#until("a quiet sync ends", 10, MINUTE_MS, () => on.activeJob === null);
    const job = on.newestJob;
    if (job?.status !== "COMPLETED") throw new Breach(`A quiet sync ended as ${job?.status}: ${job?.error}`);
    const fault = copyFault(on.view, this.world.upstream);
    if (fault !== null) throw new Breach(fault);
    return job;
  }

  get newestJob(): Job | null {
    return this.on.newestJob;
  }

  #jobNamed(key: string | null): string | null {
    const named = key === null ? undefined : this.#named.get(key);
    return named === undefined || named.at <= this.world.clock.now - DAY_MS ? null : named.jobId;
  }

  #until(what: string, times: number, milliseconds: number, holds: () => boolean): void {
    this.check();
    // Most of what is to come comes at once.
    if (!holds()) this.world.pass(SECOND_MS);
    for (let passed = 0; passed < times && !holds(); passed += 1) this.world.pass(milliseconds);
    if (!holds()) throw new Breach(`In the end it does not hold that ${what}.`);
  }

  #expect(holds: boolean, otherwise: string): void {
    if (!holds) throw new Breach(`It should not be that ${otherwise}.`);
  }
}

const ANY_RUN: RunRequest = {
  trigger: "manual",
  forceFullSync: false,
  onConflict: "reject",
  idempotencyKey: null,
  confirmDeletes: false,
};
