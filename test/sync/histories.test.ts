import * as fc from "fast-check";
import { expect, test } from "vitest";

import { NO_COUNTS, type Counts } from "#core/job";
import { SourceFailure } from "#sources/source";
import { replay, type LoggedChange } from "#test/support/memory-copy";
import { MemorySync, type Crash, type MemoryJob } from "#test/support/memory-sync";
import { MovingUpstream, type Manner } from "#test/support/moving-upstream";
import { aStreamOf, scriptedSource } from "#test/support/scripted-source";

/** What happens at a call of the source, before it is answered. */
type Event =
  | { readonly type: "put"; readonly id: string; readonly v: number }
  | { readonly type: "remove"; readonly id: string }
  | { readonly type: "fail"; readonly how: "transient" | "rate_limit" | "fault" | "cut_off" }
  | { readonly type: "lose_place" }
  | { readonly type: "nothing" };

interface JobPlan {
  /** Before the job. */
  readonly edits: readonly Event[];
  /** During the job, one a call. */
  readonly events: readonly Event[];
  readonly crashes: readonly (Crash | null)[];
  readonly pageSize: number;
  readonly requestsASlice: number;
  readonly forceFull: boolean;
}

const id = fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "🚰", "ß", '"');
const edit: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("put" as const), id, v: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("remove" as const), id }) },
);
const trouble: fc.Arbitrary<Event> = fc.oneof(
  fc.record({
    type: fc.constant("fail" as const),
    how: fc.constantFrom("transient" as const, "rate_limit" as const, "fault" as const, "cut_off" as const),
  }),
  fc.constant({ type: "lose_place" as const }),
);
const nothing = fc.constant({ type: "nothing" as const });
const event = fc.oneof(
  { weight: 3, arbitrary: nothing },
  { weight: 2, arbitrary: edit },
  { weight: 1, arbitrary: trouble },
);

const crash: fc.Arbitrary<Crash | null> = fc.option(fc.record({ afterCommits: fc.nat(3), inside: fc.boolean() }));

const plan: fc.Arbitrary<JobPlan> = fc.record({
  edits: fc.array(edit, { maxLength: 12 }),
  events: fc.array(event, { maxLength: 20 }),
  crashes: fc.array(crash, { maxLength: 12 }),
  pageSize: fc.integer({ min: 1, max: 5 }),
  requestsASlice: fc.integer({ min: 1, max: 6 }),
  forceFull: fc.boolean(),
});

const history = fc.record({
  manner: fc.constantFrom<Manner>("listing", "updated_since", "changes"),
  plans: fc.array(plan, { minLength: 1, maxLength: 4 }),
});

const NAMES = ["left", "right"];

/** Two moving upstreams, read as two streams of one connection. */
class World {
  readonly manner: Manner;
  readonly sync = new MemorySync();
  readonly upstreams: Readonly<Record<string, MovingUpstream>>;

  constructor(manner: Manner) {
    this.manner = manner;
    this.upstreams = Object.fromEntries(NAMES.map((name) => [name, new MovingUpstream(manner)]));
  }

  upstream(name: string): MovingUpstream {
    const found = this.upstreams[name];
    if (found === undefined) throw new Error(`There is no upstream "${name}".`);
    return found;
  }

  change(happening: Event, name: string): void {
    if (happening.type === "put") this.upstream(name).put(happening.id, happening.v);
    if (happening.type === "remove") this.upstream(name).remove(happening.id);
    if (happening.type === "lose_place") this.upstream(name).losesNext = true;
  }

  /** Runs a job to its end, whatever happens on the way. */
  async run({ edits, events, crashes, pageSize, requestsASlice, forceFull }: JobPlan) {
    edits.forEach((happening, index) => this.change(happening, NAMES[index % 2] ?? "left"));
    const upcoming = [...events];
    let requests = 0;
    const source = scriptedSource({
      streams: NAMES.map((name) => aStreamOf(name, { incremental: this.manner !== "listing" })),
      before: ({ request }) => {
        requests += 1;
        const happening = upcoming.shift() ?? { type: "nothing" };
        this.change(happening, request?.stream ?? "left");
        if (happening.type !== "fail" || happening.how === "cut_off") return;
        if (happening.how === "fault") throw new TypeError("a bug");
        const retryAt = happening.how === "rate_limit" ? this.sync.now + 60_000 : null;
        throw new SourceFailure({ kind: happening.how, message: "Not now.", retryAt });
      },
      page: (request) => {
        const isCutOff = upcoming[0]?.type === "fail" && upcoming[0].how === "cut_off";
        return isCutOff ? (upcoming.shift(), null) : this.upstream(request.stream).page(request, pageSize);
      },
    });
    const job = this.sync.begin({ forcedFull: forceFull });
    const before = this.sync.copy.log.length;
    const failures = await job.run((slice) => {
      requests = 0;
      return {
        source,
        budget: { ms: 1, requests: requestsASlice, bytes: 1 },
        usage: () => ({ ms: 0, requests, bytes: 0 }),
        crash: crashes[slice] ?? null,
        deletesConfirmed: true,
      };
    });
    return { job, failures, log: this.sync.copy.log.slice(before) };
  }
}

const QUIET = { edits: [], events: [], pageSize: 3, requestsASlice: 4, forceFull: true };

/** What the job's part of the change log says that it did. */
function countsOf(before: ReadonlyMap<string, string>, log: readonly LoggedChange[]): Counts {
  const ids = new Set(before.keys());
  const counts = { ...NO_COUNTS };
  for (const { upserts, deletes } of log) {
    for (const each of upserts) counts[ids.has(each) ? "updated" : "inserted"] += 1;
    counts.deleted += deletes.length;
    for (const each of upserts) ids.add(each);
    for (const each of deletes) ids.delete(each);
  }
  return counts;
}

function checkBooks(world: World, job: MemoryJob, log: readonly LoggedChange[]): void {
  const { copy } = world.sync;
  for (const { name, number, count, progress, nextEntityNumber } of world.sync.streams) {
    const entities = copy.entities(number);
    // A job that failed before it knew its streams has done nothing.
    expect(progress?.jobId === job.id || log.length === 0).toBe(true);
    if (progress?.jobId !== job.id) continue;
    const earlier = copy.log.slice(0, copy.log.length - log.length);
    const { inserted, updated, deleted } = countsOf(
      replay(earlier, number),
      log.filter((change) => change.stream === number),
    );

    expect(count, `${name} counts what it has`).toBe(entities.length);
    expect(progress.counts).toMatchObject({ inserted, updated, deleted, failed: 0 });
    expect(replay(copy.log, number)).toEqual(new Map(entities.map((each) => [each.id, each.text])));
    expect(new Set(entities.map((each) => each.number)).size).toBe(entities.length);
    expect(entities.every((each) => each.number < nextEntityNumber)).toBe(true);
  }
  expect(log.every(({ jobId }) => jobId === job.id)).toBe(true);
}

test("whatever happens to jobs and upstreams, the books are right and a quiet job ends with the upstream's copy", async () => {
  await fc.assert(
    fc.asyncProperty(history, fc.array(crash, { maxLength: 8 }), async ({ manner, plans }, crashes) => {
      const world = new World(manner);
      for (const each of plans) {
        const { job, log } = await world.run(each);
        checkBooks(world, job, log);
      }

      for (const name of NAMES) world.upstream(name).losesNext = false;
      const before = NAMES.map((name) => {
        const stream = world.sync.streams.find((state) => state.name === name);
        return stream === undefined ? new Map() : replay(world.sync.copy.log, stream.number);
      });
      const { job, failures, log } = await world.run({ ...QUIET, crashes });

      expect(failures).toEqual([]);
      checkBooks(world, job, log);
      for (const [index, name] of NAMES.entries()) {
        const { number, progress } = world.sync.stream(name);
        const wanted = world.upstream(name).texts();
        const unchanged = [...wanted].filter(([key, text]) => before[index]?.get(key) === text);
        expect(replay(world.sync.copy.log, number)).toEqual(wanted);
        expect(progress?.counts.kept).toBe(unchanged.length);
        expect(progress?.phase).toBe("done");
      }
    }),
    { numRuns: 300 },
  );
});

test("incremental jobs over a feed of changes need no full pass to be exact", async () => {
  const plans = fc.array(
    plan.map((each) => ({ ...each, forceFull: false })),
    { minLength: 1, maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(plans, async (jobs) => {
      const world = new World("changes");
      for (const each of jobs) await world.run(each);
      for (const name of NAMES) world.upstream(name).losesNext = false;
      const { failures } = await world.run({ ...QUIET, crashes: [], forceFull: false });

      expect(failures).toEqual([]);
      for (const name of NAMES) {
        const { number } = world.sync.stream(name);
        expect(replay(world.sync.copy.log, number)).toEqual(world.upstream(name).texts());
      }
    }),
    { numRuns: 200 },
  );
});

test("an inclusive cursor misses no entity of the time that it stands at", async () => {
  const quietPlan = plan.map((each) => ({
    ...each,
    forceFull: false,
    edits: each.edits.filter(({ type }) => type === "put"),
    events: each.events.filter(({ type }) => type !== "remove"),
  }));
  await fc.assert(
    fc.asyncProperty(fc.array(quietPlan, { minLength: 1, maxLength: 5 }), async (jobs) => {
      const world = new World("updated_since");
      for (const each of jobs) await world.run(each);
      for (const name of NAMES) world.upstream(name).losesNext = false;
      await world.run({ ...QUIET, crashes: [], forceFull: false });

      for (const name of NAMES) {
        const { number } = world.sync.stream(name);
        expect(replay(world.sync.copy.log, number)).toEqual(world.upstream(name).texts());
      }
    }),
    { numRuns: 200 },
  );
});

test("a second job over a quiet upstream finds nothing to do and logs nothing", async () => {
  await fc.assert(
    fc.asyncProperty(history, async ({ manner, plans }) => {
      const world = new World(manner);
      for (const each of plans) await world.run(each);
      for (const name of NAMES) world.upstream(name).losesNext = false;
      await world.run({ ...QUIET, crashes: [] });
      const { log } = await world.run({ ...QUIET, crashes: [] });

      expect(log).toEqual([]);
      for (const name of NAMES) {
        const { count, progress } = world.sync.stream(name);
        expect(progress?.counts).toEqual({ ...NO_COUNTS, kept: count });
      }
    }),
    { numRuns: 100 },
  );
});
