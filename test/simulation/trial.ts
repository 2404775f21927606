import type { ConnectionPatch, RunRequest } from "#connection/rpc";
import { isTerminal, type Job } from "#core/job";
import { nextDueAt } from "#core/schedule";
import type { Manner } from "#test/support/moving-upstream";
import { settled, type SimulatedClock } from "./platform/clock.ts";
import { BooksBalance } from "./promises/books-balance.ts";
import { CursorsSkipNothing } from "./promises/cursors-skip-nothing.ts";
import { DueTimesFireOnce } from "./promises/due-times-fire-once.ts";
import { JobsEndOnce } from "./promises/jobs-end-once.ts";
import { ProjectionFollows } from "./promises/projection-follows.ts";
import type { WatchedPromise } from "./promises/promise.ts";
import { TransitionsAreTold } from "./promises/transitions-are-told.ts";
import { STREAMS } from "./simulated-upstream.ts";
import { Auditor, leaks, type View } from "./view.ts";
import { calm } from "./weather.ts";
import { ORGANIZATION, World } from "./world.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** A promise that was broken, and when. */
export class Breach extends Error {
  override readonly name = "Breach";
}

export type Run = Partial<Omit<RunRequest, "trigger">>;

/** One history: a world, what is done to it, and the promises that are looked after at each step. */
export class Trial {
  readonly world: World;
  readonly #auditor: Auditor;
  readonly #jobs = new JobsEndOnce();
  readonly #promises: readonly WatchedPromise[];
  #lastView: View;
  #isErased = false;

  private constructor(world: World) {
    this.world = world;
    this.#auditor = new Auditor(world);
    const { upstream } = world;
    this.#promises = [
      this.#jobs,
      new BooksBalance(upstream),
      new CursorsSkipNothing(upstream),
      new ProjectionFollows(),
      new TransitionsAreTold(),
      new DueTimesFireOnce(),
    ];
    this.#lastView = this.#auditor.look();
    world.onStep = () => this.check();
  }

  static async begin(clock: SimulatedClock, manner: Manner, seed: number): Promise<Trial> {
    const world = new World(clock, manner, seed);
    await world.begin();
    const trial = new Trial(world);
    trial.check();
    await trial.#firstSync();
    return trial;
  }

  /** A history begins with a copy of something. */
  async #firstSync(): Promise<void> {
    const { world } = this;
    for (const name of STREAMS) for (const id of ["a", "b", "c", "d", "e"]) world.upstream.put(name, id, 0);
    await this.run({});
    await this.#until("the first sync ends", 10, 5 * SECOND_MS, () => this.activeJob === null);
  }

  /** Throws a Breach where a promise does not hold at this moment. */
  check(): void {
    const view = this.#auditor.look();
    this.#lastView = view;
    const breaches = [...this.world.faults, ...this.#promises.flatMap((promise) => promise.breaches(view))];
    if (breaches.length > 0) throw new Breach(breaches.join("\n"));
  }

  get activeJob(): Job | null {
    const newest = this.#lastView.jobs.at(-1);
    return newest === undefined || isTerminal(newest.status) ? null : newest;
  }

  /** Lets follow what follows at once, and looks. */
  async step(): Promise<void> {
    await settled();
    this.check();
  }

  async run(request: Run): Promise<void> {
    const { gate } = this.world;
    const wanted = { forceFullSync: false, onConflict: "reject", idempotencyKey: null, confirmDeletes: false } as const;
    const active = this.activeJob?.id;
    const accept = async (): Promise<void> => {
      const answer = await gate.run(ORGANIZATION, { ...wanted, ...request, trigger: "manual" });
      if (!answer.ok || this.#isErased) return;
      const { id } = answer.value;
      this.#jobs.accept(id);
      if (request.onConflict === "queue" && id === active) this.#jobs.promiseFollowUp(id);
    };
    this.#unanswered(accept());
    await this.step();
  }

  /** Cancels the newest job: nothing has to be waited for, and no time passes, until it has ended. */
  async cancel(): Promise<void> {
    const newest = this.#lastView.jobs.at(-1);
    if (newest === undefined) return;
    this.#unanswered(this.world.gate.cancel(ORGANIZATION, newest.id));
    await this.step();
    const job = this.#lastView.jobs.find(({ id }) => id === newest.id);
    if (job !== undefined && !isTerminal(job.status)) {
      throw new Breach(`Job ${job.id} was cancelled, and is ${job.status}.`);
    }
  }

  async amend(patch: ConnectionPatch): Promise<void> {
    this.#unanswered(this.world.gate.update(ORGANIZATION, patch));
    await this.step();
  }

  async resetStream(name: string): Promise<void> {
    this.#unanswered(this.world.gate.resetStream(ORGANIZATION, name));
    await this.step();
  }

  async republish(): Promise<void> {
    this.#unanswered(this.world.gate.republish(ORGANIZATION));
    await this.step();
  }

  async erase(): Promise<void> {
    this.#isErased = true;
    this.#unanswered(this.world.gate.erase(ORGANIZATION));
    await this.step();
  }

  /** Everything is well again: what was promised comes true, and quiet syncs end with the upstream's copy. */
  async conclude(): Promise<void> {
    const { world } = this;
    Object.assign(world.weather, { ...calm(), source: world.weather.source });
    // Of a job that D1 has never heard of only a call can remind its object.
    if (this.#isUnknownToD1()) this.#unanswered(world.gate.describe(ORGANIZATION));
    const job = this.activeJob?.id;
    await this.#until("the job ends by its deadline", 45, MINUTE_MS, () => job === undefined || this.#hasEnded(job));
    world.weather.source = "fine";
    if (this.#isErased) {
      await this.#until("the object is empty", 20, MINUTE_MS, () => this.#lastView.connection === null);
      this.#expect(world.connection.alarmAt === null, "the object of a deleted connection sleeps");
      this.#expect(this.#lastView.projectedJobs.size === 0, "D1 forgets the jobs of a deleted connection");
      return;
    }
    // Nothing starts by itself any more.
    await this.amend({ schedule: null, credentials: { password: "another" } });
    await world.pass(MINUTE_MS);
    await this.#until("the last job ends", 45, MINUTE_MS, () => this.activeJob === null);
    for (const name of STREAMS) world.upstream.of(name).losesNext = false;
    await this.#quietSync(world.upstream.manner !== "changes");
    const before = this.#lastView.entities;
    const again = await this.#quietSync(world.upstream.manner !== "changes");
    const { inserted, updated, deleted } = again.counts;
    this.#expect(inserted + updated + deleted === 0, "a sync of what has not changed finds nothing to do");
    this.#expect(before.size === this.#lastView.entities.size, "a sync of what has not changed leaves the copy alone");
    await this.#until("everything is told", 40, HOUR_MS, () => this.#isAllTold());
    this.#expect(leaks(world).length === 0, "secrets are sealed at rest");
  }

  async #quietSync(forceFullSync: boolean): Promise<Job> {
    const { upstream, gate } = this.world;
    const reply = await gate.run(ORGANIZATION, {
      trigger: "manual",
      forceFullSync,
      onConflict: "reject",
      idempotencyKey: null,
      confirmDeletes: true,
    });
    await this.step();
    this.#expect(reply.ok, "a run of a quiet connection is accepted");
    await this.#until("a quiet sync ends", 10, MINUTE_MS, () => this.activeJob === null);
    const job = this.#lastView.jobs.at(-1);
    if (job?.status !== "COMPLETED") throw new Breach(`A quiet sync ended as ${job?.status}: ${job?.error}`);
    for (const name of STREAMS) {
      const number = this.#lastView.streams.find((stream) => stream.name === name)?.number;
      const wanted = [...upstream.of(name).texts().values()].toSorted(byText).join();
      const own = [...this.#lastView.entities].filter(([key]) => key.startsWith(`${number} `));
      const held = own
        .map(([, { text }]) => text)
        .toSorted(byText)
        .join();
      if (held !== wanted) throw new Breach(`After a quiet sync ${name} is ${held}; the upstream has ${wanted}.`);
    }
    return job;
  }

  #hasEnded(jobId: string): boolean {
    return this.activeJob?.id !== jobId;
  }

  #isUnknownToD1(): boolean {
    const { projectedJobs, projectedConnection } = this.#lastView;
    if (this.#isErased) return projectedConnection?.row["deleted_at"] === null;
    return this.activeJob !== null && !projectedJobs.has(this.activeJob.id);
  }

  #isAllTold(): boolean {
    const { jobs, projectedJobs, outbox, events, connection, projectedConnection } = this.#lastView;
    const taken = new Set(this.world.taken.map(({ jobId, type }) => `${jobId} ${type}`));
    return (
      outbox.size === 0 &&
      jobs.every(({ id, version }) => projectedJobs.get(id)?.version === version) &&
      connection !== null &&
      projectedConnection?.version === connection.version &&
      projectedConnection.row["next_run_at"] === nextDueAt(connection.plan) &&
      projectedConnection.row["is_paused"] === Number(connection.isPaused) &&
      events.every((event) => !event.includes(" sync.") || taken.has(event))
    );
  }

  async #until(what: string, times: number, milliseconds: number, holds: () => boolean): Promise<void> {
    await this.step();
    for (let passed = 0; passed < times && !holds(); passed += 1) await this.world.pass(milliseconds);
    this.#expect(holds(), what);
  }

  #expect(holds: boolean, what: string): void {
    if (!holds) throw new Breach(`In the end it does not hold that ${what}.`);
  }

  /** A caller may lose its answer: the object dies, or never gives one. */
  #unanswered(reply: Promise<unknown>): void {
    reply.catch(() => undefined);
  }
}

function byText(one: string, other: string): number {
  return one < other ? -1 : 1;
}
