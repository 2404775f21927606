import type { Job } from "#core/job";
import { hasEnded } from "./promises/ended.ts";
import { AlarmsAreArmed } from "./promises/alarms-are-armed.ts";
import { BooksBalance } from "./promises/books-balance.ts";
import { CompletedIsWhole } from "./promises/completed-is-whole.ts";
import { ConfirmationsAreGiven } from "./promises/confirmations-are-given.ts";
import { CursorsMoveLast } from "./promises/cursors-move-last.ts";
import { ConfirmationsAreOfOne } from "./promises/confirmations-are-of-one.ts";
import { CursorsSkipNothing } from "./promises/cursors-skip-nothing.ts";
import { DeletesAreHeldBack } from "./promises/deletes-are-held-back.ts";
import { DeliveriesAreStoodFor } from "./promises/deliveries-are-stood-for.ts";
import { DueTimesFireOnce, earliestOf } from "./promises/due-times-fire-once.ts";
import { FullSyncsReadAll } from "./promises/full-syncs-read-all.ts";
import { JobsEndOnce } from "./promises/jobs-end-once.ts";
import { NewKeysAreTried } from "./promises/new-keys-are-tried.ts";
import { NewestConfigHolds } from "./promises/newest-config-holds.ts";
import { PagesCountOnce } from "./promises/pages-count-once.ts";
import { PassesAreOfOne } from "./promises/passes-are-of-one.ts";
import { PlacesMoveOn } from "./promises/places-move-on.ts";
import { ProjectionFollows } from "./promises/projection-follows.ts";
import type { WatchedPromise } from "./promises/promise.ts";
import { ProvenDeletesAreMade } from "./promises/proven-deletes-are-made.ts";
import { RefusalsEndJobs } from "./promises/refusals-end-jobs.ts";
import { TheCancelledStandStill } from "./promises/the-cancelled-stand-still.ts";
import { TheOverdueAreWoken } from "./promises/the-overdue-are-woken.ts";
import { TransitionsAreTold } from "./promises/transitions-are-told.ts";
import { WaitsAreTold } from "./promises/waits-are-told.ts";
import { WaitsAsAsked } from "./promises/waits-as-asked.ts";
import type { SimulatedUpstream } from "./simulated-upstream.ts";
import type { SimulatedConnection } from "./simulated-world.ts";
import type { View } from "./view.ts";

/** What can be looked at from step to step, and what it reads. */
export interface Watched {
  readonly upstream: SimulatedUpstream;
  /** What is stored of it now; of the change feed, what came since the last look. */
  look(): View;
}

/** A connection, and the promises that are looked after as its history goes on. */
export class WatchedConnection<Connection extends Watched = SimulatedConnection> {
  readonly connection: Connection;
  readonly jobs = new JobsEndOnce();
  readonly inbound = new DeliveriesAreStoodFor();
  readonly configs = new NewestConfigHolds();
  readonly confirmations = new ConfirmationsAreGiven();
  /** Its owner has deleted it. */
  isErased = false;
  readonly #promises: readonly WatchedPromise[];
  #view: View | null = null;
  readonly #glanced: string[] = [];

  constructor(connection: Connection) {
    this.connection = connection;
    const { upstream } = connection;
    this.#promises = [
      this.jobs,
      this.inbound,
      this.configs,
      this.confirmations,
      new BooksBalance(upstream),
      new CompletedIsWhole(),
      new CursorsMoveLast(),
      new ConfirmationsAreOfOne(),
      new CursorsSkipNothing(upstream),
      new DeletesAreHeldBack(upstream),
      new FullSyncsReadAll(),
      new PagesCountOnce(upstream, this.configs),
      new PassesAreOfOne(),
      new PlacesMoveOn(),
      new ProjectionFollows(),
      new ProvenDeletesAreMade(),
      new RefusalsEndJobs(),
      new TheCancelledStandStill(),
      new TheOverdueAreWoken(),
      new TransitionsAreTold(),
      new DueTimesFireOnce(),
      new AlarmsAreArmed(),
      new WaitsAreTold(),
      new WaitsAsAsked(upstream),
      new NewKeysAreTried(upstream),
    ];
  }

  /** As it was when it was last looked at. */
  get view(): View {
    if (this.#view === null) throw new Error("Nobody has looked at it yet.");
    return this.#view;
  }

  /** Looks in the middle of something: what is wrong is told at the next look. */
  glance(): void {
    this.#glanced.push(...this.#look());
  }

  /** @returns what is wrong at this moment, or was at a glance */
  look(): string[] {
    const breaches = this.#look();
    return this.#glanced.length === 0 ? breaches : [...this.#glanced.splice(0), ...breaches];
  }

  #look(): string[] {
    const view = this.connection.look();
    this.#view = view;
    const breaches: string[] = [];
    for (const promise of this.#promises) {
      const broken = promise.breaches(view);
      if (broken.length > 0) breaches.push(...broken);
    }
    return breaches;
  }

  get newestJob(): Job | null {
    return this.view.jobs.at(-1) ?? null;
  }

  get activeJob(): Job | null {
    const { newestJob } = this;
    return newestJob === null || hasEnded(newestJob.status) ? null : newestJob;
  }

  /** Does D1 not know of what its watchdog would have to look after? */
  get isUnknownToD1(): boolean {
    const { projectedJobs, projectedConnection } = this.view;
    if (this.isErased) return projectedConnection?.deletedAt === null;
    return this.activeJob !== null && !projectedJobs.has(this.activeJob.id);
  }

  /** @param heard what the receiver of events took, as `jobId type` */
  isAllTold(heard: ReadonlySet<string>): boolean {
    const { jobs, projectedJobs, events, connection, projectedConnection } = this.view;
    // What D1 has may still be in the outbox: it is removed when the object is at work next.
    return (
      jobs.every(({ id, version }) => projectedJobs.get(id)?.version === version) &&
      connection !== null &&
      projectedConnection?.version === connection.version &&
      projectedConnection.nextRunAt === earliestOf(connection.plan) &&
      projectedConnection.isPaused === connection.isPaused &&
      events.every((event) => !event.includes(" sync.") || heard.has(event))
    );
  }
}
