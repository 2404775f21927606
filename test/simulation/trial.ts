import { hashApiKey } from "#auth/api-key";
import type { ConnectionPatch, RunRequest } from "#connection/rpc";
import type { Job } from "#core/job";
import { copyFault, isDealtWith, needsFullSync } from "./ends.ts";
import { settled } from "./platform/clock.ts";
import { DiskFull } from "./platform/commits.ts";
import { Died } from "./platform/life.ts";
import { ObjectDied } from "./platform/object-host.ts";
import { hasEnded } from "./promises/ended.ts";
import { HOOK, HOOK_TOKEN, HOUR_MS, MINUTE_MS, ORGANIZATION, SECOND_MS } from "./setting.ts";
import { STREAMS } from "./simulated-upstream.ts";
import type { SimulatedWorld } from "./simulated-world.ts";
import { WatchedConnection } from "./watched-connection.ts";
import { calm } from "./weather.ts";

/** A promise that was broken, and when. */
export class Breach extends Error {
  override readonly name = "Breach";
}

export type Run = Partial<Omit<RunRequest, "trigger">>;

const NO_BODY = new Uint8Array(new TextEncoder().encode("{}"));

/** One history: a world, what is done to it, and the promises that are looked after at each step. */
export class Trial {
  readonly world: SimulatedWorld;
  readonly connections: readonly WatchedConnection[];
  readonly #faults: string[] = [];

  constructor(world: SimulatedWorld) {
    this.world = world;
    this.connections = world.connections.map((connection) => new WatchedConnection(connection));
    world.passage.onStep = () => this.check();
    this.check();
  }

  /** Of however many there are, the one with this number. */
  connection(number: number): WatchedConnection {
    const found = this.connections[number % this.connections.length];
    if (found === undefined) throw new Error("A world without connections.");
    return found;
  }

  /** Throws a Breach where a promise does not hold at this moment. */
  check(): void {
    const breaches = [...this.connections.flatMap((each) => each.look()), ...this.world.faults, ...this.#faults];
    if (breaches.length > 0) throw new Breach(breaches.join("\n"));
  }

  /** Lets follow what follows at once, and looks. */
  async step(): Promise<void> {
    await settled();
    this.check();
  }

  async run(on: WatchedConnection, request: Run): Promise<void> {
    this.#unanswered(this.#runAnswered(on, request));
    await this.step();
  }

  /**
   * Cancels the newest job: nothing has to be waited for, and no time passes, until it has ended. Only a disk that is
   * full meanwhile is waited for, as the platform does.
   */
  async cancel(on: WatchedConnection): Promise<void> {
    const newest = on.newestJob;
    if (newest === null) return;
    const { commits } = on.connection.object.disk;
    const refusedBefore = commits.refused;
    this.cancelUnseen(on);
    await this.step();
    const job = on.view.jobs.find(({ id }) => id === newest.id);
    if (commits.refused === refusedBefore && job !== undefined && !hasEnded(job.status)) {
      throw new Breach(`Job ${job.id} was cancelled, and is ${job.status}.`);
    }
  }

  /** In the middle of something else. */
  cancelUnseen(on: WatchedConnection): void {
    const newest = on.newestJob;
    const cancel = async (jobId: string): Promise<void> => {
      const reply = await on.connection.gate.cancel(ORGANIZATION, jobId);
      if (reply.ok) on.jobs.promiseCancel(jobId);
    };
    if (newest === null) return;
    this.#unanswered(cancel(newest.id));
    on.glance();
  }

  eraseUnseen(on: WatchedConnection): void {
    // One that failed would not have happened.
    on.connection.object.disk.commits.takeAll();
    on.isErased = true;
    this.#unanswered(on.connection.gate.erase(ORGANIZATION));
    on.glance();
  }

  runUnseen(on: WatchedConnection): void {
    this.#unanswered(this.#runAnswered(on, { onConflict: "queue" }));
  }

  async amend(on: WatchedConnection, patch: ConnectionPatch): Promise<void> {
    this.#unanswered(on.connection.gate.update(ORGANIZATION, patch));
    await this.step();
  }

  async changeConfig(on: WatchedConnection, edition: number): Promise<void> {
    this.changeConfigUnseen(on, edition);
    await this.step();
  }

  changeConfigUnseen(on: WatchedConnection, edition: number): void {
    const isOver = on.configs.send(edition);
    const change = async (): Promise<void> => {
      try {
        isOver((await on.connection.gate.update(ORGANIZATION, { config: { edition } })).ok);
      } catch (error) {
        isOver(false);
        throw error;
      }
    };
    this.#unanswered(change());
  }

  /** A new key, which shows all but these ids, and the old one is taken back as soon as that is in its place. */
  async renewKey(on: WatchedConnection, hidden: readonly string[] = []): Promise<void> {
    this.renewKeyUnseen(on, hidden);
    await this.step();
  }

  renewKeyUnseen(on: WatchedConnection, hidden: readonly string[] = []): void {
    const { upstream, gate } = on.connection;
    const { key, isGiven } = upstream.keys.make(hidden);
    const renew = async (): Promise<void> => {
      try {
        isGiven((await gate.update(ORGANIZATION, { credentials: { password: key } })).ok);
      } catch (error) {
        isGiven(false);
        throw error;
      }
    };
    this.#unanswered(renew());
  }

  async resetStream(on: WatchedConnection, name: string): Promise<void> {
    this.#unanswered(on.connection.gate.resetStream(ORGANIZATION, name));
    await this.step();
  }

  async republish(on: WatchedConnection): Promise<void> {
    this.#unanswered(on.connection.gate.republish(ORGANIZATION));
    await this.step();
  }

  async erase(on: WatchedConnection): Promise<void> {
    this.eraseUnseen(on);
    await this.step();
  }

  /** Something comes in at the connection's address; null for a delivery that nobody has named. */
  async deliver(on: WatchedConnection, deliveryId: string | null): Promise<void> {
    const at = this.world.clock.now;
    const headers: Record<string, string> = deliveryId === null ? {} : { "x-delivery": deliveryId };
    const receive = async (): Promise<void> => {
      const tokenHash = await hashApiKey(HOOK_TOKEN);
      const reply = await on.connection.gate.receiveHook({ tokenHash, headers, body: NO_BODY });
      if (reply.ok) on.inbound.answered(deliveryId, at, reply.value);
    };
    on.inbound.sent(deliveryId, at);
    this.#unanswered(receive());
    await this.step();
  }

  async debounce(on: WatchedConnection, debounceSeconds: number): Promise<void> {
    this.#unanswered(on.connection.gate.updateHook(ORGANIZATION, { debounceSeconds }));
    await this.step();
  }

  async renewHook(on: WatchedConnection): Promise<void> {
    const { gate } = on.connection;
    const renew = async (): Promise<void> => {
      await gate.removeHook(ORGANIZATION);
      await gate.createHook(ORGANIZATION, { tokenHash: await hashApiKey(HOOK_TOKEN), settings: HOOK, secrets: [] });
    };
    on.inbound.renewed();
    this.#unanswered(renew());
    await this.step();
  }

  /** Everything is well again: what was promised comes true, and quiet syncs end with the upstream's copy. */
  async conclude(): Promise<void> {
    const { world } = this;
    Object.assign(world.weather, { ...calm(), source: world.weather.source });
    for (const { connection } of this.connections) connection.object.disk.commits.takeAll();
    // Of a job that D1 has never heard of only a call can remind its object.
    for (const { isUnknownToD1, connection } of this.connections) {
      if (isUnknownToD1) this.#unanswered(connection.gate.describe(ORGANIZATION));
    }
    const active = new Map(this.connections.map((each) => [each, each.activeJob?.id]));
    await this.#until("the job ends by its deadline", 25, MINUTE_MS, (each) => {
      const job = active.get(each);
      return job === undefined || each.activeJob?.id !== job;
    });
    world.weather.source = "prompt";
    // Until every change of a config that is being checked has been made.
    await world.passage.pass(SECOND_MS);
    // Whose credentials were not refused goes on with them.
    for (const each of this.connections) {
      if (!each.isErased && each.newestJob?.errorCategory === "api_key_invalid") await this.renewKey(each);
    }
    await this.#until("what is due is dealt with", 25, MINUTE_MS, ({ view }) => isDealtWith(view));
    for (const each of this.connections) if (!each.isErased) await this.#quieten(each);
    await this.#until("the last job ends", 25, MINUTE_MS, (each) => each.isErased || each.activeJob === null);
    for (const each of this.connections) {
      if (each.isErased) await this.#expectEmpty(each);
      else await this.#expectExactCopy(each);
    }
    const heard = () => new Set(world.taken.map(({ jobId, type }) => `${jobId} ${type}`));
    const isTold = (each: WatchedConnection) => each.isErased || each.isAllTold(heard());
    await this.#until("everything is told", 40, HOUR_MS, isTold);
    const leaks = world.leaks();
    if (leaks.length > 0) throw new Breach(`A secret can be read in ${leaks.join()}.`);
  }

  /** Nothing starts by itself any more. */
  async #quieten(each: WatchedConnection): Promise<void> {
    await this.amend(each, { schedule: null });
    for (const name of STREAMS) each.connection.upstream.of(name).losesNext = false;
  }

  async #expectEmpty(each: WatchedConnection): Promise<void> {
    const isAsleep = () => each.view.connection === null && each.view.alarm.at === null;
    await this.#until("the object of a deleted connection is empty, and sleeps", 20, MINUTE_MS, isAsleep);
    this.#expect(each.view.projectedJobs.size === 0, "D1 forgets the jobs of a deleted connection");
  }

  async #expectExactCopy(each: WatchedConnection): Promise<void> {
    const forceFullSync = needsFullSync(each.connection.upstream);
    await this.#quietSync(each, forceFullSync);
    const before = each.view.entities;
    const again = await this.#quietSync(each, forceFullSync);
    const { inserted, updated, deleted } = again.counts;
    this.#expect(inserted + updated + deleted === 0, "a sync of what has not changed finds nothing to do");
    this.#expect(before.size === each.view.entities.size, "a sync of what has not changed leaves the copy alone");
  }

  async #quietSync(each: WatchedConnection, forceFullSync: boolean): Promise<Job> {
    const before = each.newestJob?.id;
    await this.run(each, { forceFullSync, confirmDeletes: true });
    this.#expect(each.newestJob?.id !== before, "a run of a quiet connection is accepted");
    await this.#until("a quiet sync ends", 10, MINUTE_MS, () => each.activeJob === null);
    const job = each.newestJob;
    if (job?.status !== "COMPLETED") throw new Breach(`A quiet sync ended as ${job?.status}: ${job?.error}`);
    const fault = copyFault(each.view, each.connection.upstream);
    if (fault !== null) throw new Breach(fault);
    return job;
  }

  async #runAnswered(on: WatchedConnection, request: Run): Promise<void> {
    const wanted = { forceFullSync: false, onConflict: "reject", idempotencyKey: null, confirmDeletes: false } as const;
    const active = on.activeJob?.id;
    const isOver = request.confirmDeletes === true ? on.confirmations.give() : null;
    const answer = await on.connection.gate.run(ORGANIZATION, { ...wanted, ...request, trigger: "manual" });
    // What is not answered may come all the same.
    isOver?.();
    if (!answer.ok || on.isErased) return;
    const { id } = answer.value;
    on.jobs.accept(id);
    if (request.onConflict === "queue" && id === active) on.jobs.promiseFollowUp(id, request.forceFullSync === true);
  }

  async #until(
    what: string,
    times: number,
    milliseconds: number,
    holds: (each: WatchedConnection) => boolean,
  ): Promise<void> {
    const holdsForAll = () => this.connections.every((each) => holds(each));
    await this.step();
    // Most of what is to come comes at once.
    if (!holdsForAll()) await this.world.passage.pass(SECOND_MS);
    for (let passed = 0; passed < times && !holdsForAll(); passed += 1) await this.world.passage.pass(milliseconds);
    this.#expect(holdsForAll(), what);
  }

  #expect(holds: boolean, what: string): void {
    if (!holds) throw new Breach(`In the end it does not hold that ${what}.`);
  }

  /** A caller may lose its answer: the object dies, its disk is full, or it never gives one. Nothing else is thrown. */
  #unanswered(reply: Promise<unknown>): void {
    reply.catch((error: unknown) => {
      if (error instanceof Died || error instanceof ObjectDied || error instanceof DiskFull) return;
      const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#faults.push(`A caller was answered with a fault: ${said}`);
    });
  }
}
