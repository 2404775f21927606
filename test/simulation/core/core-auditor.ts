import type { z } from "zod";

import type { SimulatedClock } from "#test/simulation/platform/clock";
import {
  followUpSchema,
  hookSchema,
  planningSchema,
  storedConnectionSchema,
  waitingSchema,
} from "#test/simulation/stored";
import type { ChangeRow, ProjectedJob, View } from "#test/simulation/view";
import type { MemoryDisk } from "./memory-disk.ts";
import type { MemoryProjection } from "./memory-projection.ts";
import type { MemoryTable } from "./memory-table.ts";

/** Whom and what the auditor looks at. */
export interface CoreAudited {
  readonly id: string;
  readonly disk: MemoryDisk;
  readonly object: { readonly alarmAt: number | null; readonly alarmStartedAt: number | null };
  readonly projection: MemoryProjection;
  /** What the receiver of events has, as `jobId type` by id. */
  readonly received: ReadonlyMap<string, string>;
}

/** Reads a connection of the core out of plain memory. What has not changed is the same object again. */
export class CoreAuditor {
  readonly #audited: CoreAudited;
  readonly #clock: SimulatedClock;
  readonly #sweeps: { readonly sweptAt: number | null };
  readonly #connection = new Parsed(storedConnectionSchema);
  readonly #waiting = new Parsed(waitingSchema);
  readonly #hook = new Parsed(hookSchema);
  readonly #followUp = new Parsed(followUpSchema);
  readonly #planning = new Parsed(planningSchema);
  readonly #jobs: Changing<View["jobs"]>;
  readonly #streams: Changing<View["streams"]>;
  readonly #entities: Changing<View["entities"]>;
  readonly #outbox: Changing<View["outbox"]>;
  readonly #projectedJobs: Changing<View["projectedJobs"]>;
  #lastSeq = 0;
  #events: { readonly size: number; readonly revision: number; readonly events: readonly string[] } = NO_EVENTS;

  constructor(clock: SimulatedClock, sweeps: { readonly sweptAt: number | null }, audited: CoreAudited) {
    this.#sweeps = sweeps;
    this.#clock = clock;
    this.#audited = audited;
    const { disk, projection } = audited;
    this.#jobs = new Changing(disk.jobs, () => disk.jobs.keys.flatMap((key) => disk.jobs.get(key) ?? []));
    this.#streams = new Changing(disk.streams, () => [...disk.streams.entries.values()]);
    this.#entities = new Changing(disk.entities, () => new Map(disk.entities.entries));
    this.#outbox = new Changing(
      disk.outbox,
      () => new Map([...disk.outbox.entries].map(([key, row]) => [key, row.version])),
    );
    this.#projectedJobs = new Changing(projection.jobs, () => new Map<string, ProjectedJob>(projection.jobs.entries));
  }

  look(): View {
    const { id, disk, object, projection } = this.#audited;
    const hook = this.#hook.of(disk.documents.get("hook"));
    return {
      now: this.#clock.now,
      connection: this.#connection.of(disk.documents.get("connection")),
      jobs: this.#jobs.value,
      streams: this.#streams.value,
      changes: this.#changes(),
      entities: this.#entities.value,
      outbox: this.#outbox.value,
      projectedJobs: this.#projectedJobs.value,
      projectedConnection: projection.connections.get(id) ?? null,
      totals: this.#totals(),
      events: this.#eventsNow(),
      hasFollowUp: disk.documents.get("follow_up") !== undefined,
      isFollowUpConfirmed: this.#followUp.of(disk.documents.get("follow_up"))?.confirmDeletes === true,
      waiting: this.#waiting.of(disk.documents.get("hook_waiting")),
      planning: this.#planning.of(disk.documents.get("planning")),
      debounceMs: hook === null ? null : hook.settings.debounceSeconds * 1000,
      alarm: {
        at: object.alarmAt,
        startedAt: object.alarmStartedAt,
        isDoubtful: disk.isAlarmDoubtful,
        isRetry: disk.isAlarmRetry,
      },
      sweptAt: this.#sweeps.sweptAt,
    };
  }

  #changes(): ChangeRow[] {
    const { changes } = this.#audited.disk;
    const fresh: ChangeRow[] = [];
    for (let place = changes.keys.length - 1; place >= 0; place -= 1) {
      const row = changes.get(changes.keys[place] ?? "");
      if (row === undefined || row.seq <= this.#lastSeq) break;
      fresh.unshift(row);
    }
    this.#lastSeq = fresh.at(-1)?.seq ?? this.#lastSeq;
    return fresh;
  }

  #totals(): View["totals"] {
    const { id, projection } = this.#audited;
    if ((projection.connections.get(id)?.deletedAt ?? null) !== null) return null;
    let ended = 0;
    for (const { completedAt } of projection.jobs.entries.values()) if (completedAt !== null) ended += 1;
    let counted = 0;
    for (const times of projection.counted.entries.values()) counted += times;
    return { ended, counted };
  }

  #eventsNow(): readonly string[] {
    const { disk, received } = this.#audited;
    const { size, revision } = this.#events;
    if (size !== received.size || revision !== disk.events.revision) {
      const all = new Map(received);
      for (const [id, { orderKey, type }] of disk.events.entries) all.set(id, `${orderKey} ${type}`);
      this.#events = { size: received.size, revision: disk.events.revision, events: [...all.values()] };
    }
    return this.#events.events;
  }
}

const NO_EVENTS = { size: -1, revision: -1, events: [] };

/** What is made of a table, made again when the table has changed. */
class Changing<T> {
  readonly #make: () => T;
  readonly #revisionNow: () => number;
  #revision: number;
  #value: T;

  constructor(table: MemoryTable<unknown>, make: () => T) {
    this.#make = make;
    this.#revisionNow = () => table.revision;
    this.#revision = table.revision;
    this.#value = make();
  }

  get value(): T {
    const revision = this.#revisionNow();
    if (revision !== this.#revision) {
      this.#revision = revision;
      this.#value = this.#make();
    }
    return this.#value;
  }
}

/** A document, parsed again when there is another. */
class Parsed<T> {
  readonly #schema: z.ZodType<T>;
  #document: unknown;
  #value: T | null = null;

  constructor(schema: z.ZodType<T>) {
    this.#schema = schema;
  }

  of(document: unknown): T | null {
    if (document !== this.#document) {
      this.#document = document;
      this.#value = document === undefined ? null : this.#schema.parse(document);
    }
    return this.#value;
  }
}
