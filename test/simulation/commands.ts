import * as fc from "fast-check";

import { erase, Happening, isThere, NAMES, toOne, which, type Plot } from "./happening.ts";
import { newKey, SIGHTS } from "./sights.ts";
import { STREAMS, type StreamName } from "./simulated-upstream.ts";
import type { Trial } from "./trial.ts";
import { LINE_WEATHERS, RECEIVER_WEATHERS, SOURCE_WEATHERS, type Weather } from "./weather.ts";
import { SCHEDULE, SECOND_MS } from "./setting.ts";

const stream = fc.constantFrom<StreamName>(...STREAMS);
const id = fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h");

/** The longer, the more happens meanwhile that comes by itself, and the fewer histories there are. */
const PASSES = [50, 50, 400, 400, 1_000, 2_000, 10_000, 10_000, 61_000, 61_000, 300_000, 300_000, 900_000];

const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 6 });

const edits = fc.record({ name: stream, ids, v: fc.nat(3) }).chain(({ name, ids: some, v }) =>
  toOne(
    (it) => `${it} reads an upstream that has ${some.join(", ")} of ${name} in version ${v}.`,
    (_trial, { connection: { upstream } }) => {
      for (const each of some) upstream.put(name, each, v);
    },
  ),
);

const removals = fc.record({ name: stream, ids }).chain(({ name, ids: some }) =>
  toOne(
    (it) => `${it} reads an upstream that loses ${some.join(", ")} of ${name}.`,
    (_trial, { connection: { upstream } }) => {
      for (const each of some) upstream.remove(name, each);
    },
  ),
);

const forgetting = stream.chain((name) =>
  toOne(
    (it) => `${it} reads an upstream that forgets where ${name} was being read.`,
    (_trial, { connection: { upstream } }) => {
      upstream.of(name).losesNext = true;
    },
  ),
);

const runs = fc
  .record({
    forceFullSync: fc.boolean(),
    onConflict: fc.constantFrom("reject" as const, "attach" as const, "queue" as const),
    confirmDeletes: fc.boolean(),
  })
  .chain((request) =>
    toOne(
      (it) =>
        `${it} is run${request.forceFullSync ? " in full" : ""} (${request.onConflict}${request.confirmDeletes ? ", deletes confirmed" : ""}).`,
      (trial, on) => trial.run(on, request),
    ),
  );

/** What most histories turn on: a run, and something while it is at work. */
const runsAtWork = fc
  .record({ forceFullSync: fc.boolean(), milliseconds: fc.constantFrom(50, 300, 900, 2_000, 6_000) })
  .chain(({ forceFullSync, milliseconds }) =>
    toOne(
      (it) => `${it} is run${forceFullSync ? " in full" : ""}, and ${milliseconds / 1000} s pass.`,
      async (trial, on) => {
        await trial.run(on, { forceFullSync });
        await trial.world.passage.pass(milliseconds);
      },
    ),
  );

/** By when it arrives, D1 has been told something newer. */
const lateNews = toOne(
  (it) => `${it} is run while what it tells D1 is late, and 240 s pass.`,
  async (trial, on) => {
    const { weather, passage } = trial.world;
    const before = weather.database;
    weather.database = "late";
    await trial.run(on, {});
    weather.database = before;
    await passage.pass(240 * SECOND_MS);
  },
);

/** Nobody but the watchdog knows of it then. */
const sleepyRuns = toOne(
  (it) => `${it} is run and loses its alarm, and 240 s pass.`,
  async (trial, on) => {
    await trial.run(on, {});
    on.connection.object.disk.disturbAlarm(null);
    await trial.world.passage.pass(240 * SECOND_MS);
  },
);

/** What one stream lost stays where the other fails: the job does. */
const halfRuns = ids.chain((some) =>
  toOne(
    (it) => `${it} is run in full while it can read left only, where ${some.join(", ")} are gone, and 61 s pass.`,
    async (trial, on) => {
      const { weather, passage } = trial.world;
      const before = weather.source;
      for (const each of some) on.connection.upstream.remove("left", each);
      weather.source = "half_broken";
      await trial.run(on, { forceFullSync: true, confirmDeletes: true });
      await passage.pass(61 * SECOND_MS);
      weather.source = before;
    },
  ),
);

const cancels = toOne(
  (it) => `${it} has its newest job cancelled.`,
  (trial, on) => trial.cancel(on),
);

const sight = fc.constantFrom(...SIGHTS);

/** None that anything else asks for. */
const ANOTHER_EDITION = 3;

/** Calls that come while a page does: before it is applied, or just after. */
const interruptions = fc
  .record({
    pages: fc.nat(5),
    microtasks: fc.integer({ min: -12, max: 12 }),
    call: fc.constantFrom(
      "cancelled" as const,
      "run again" as const,
      "given a new key" as const,
      "given another config" as const,
      "deleted" as const,
    ),
    hidden: sight,
  })
  .chain(({ pages, microtasks, call, hidden }) =>
    which.map(
      (number) =>
        new Happening(
          `${NAMES[number]} is run, and ${call === "given a new key" ? `given ${newKey(hidden)},` : call} ${Math.abs(microtasks)} microtasks ${microtasks < 0 ? "before" : "after"} page ${pages + 1} is given out.`,
          async (trial, plot) => {
            const on = trial.connection(number);
            if (call === "deleted") erase(plot, number);
            on.connection.upstream.withPage(pages, microtasks, () => {
              if (call === "cancelled") trial.cancelUnseen(on);
              else if (call === "deleted") trial.eraseUnseen(on);
              else if (call === "given a new key") trial.renewKeyUnseen(on, hidden);
              else if (call === "given another config") trial.changeConfigUnseen(on, ANOTHER_EDITION);
              else trial.runUnseen(on);
            });
            await trial.run(on, { forceFullSync: true, onConflict: "queue" });
            await trial.world.passage.pass(2_000);
            on.connection.upstream.withNothing();
            // No page came: then it is called for all the same.
            if (call === "deleted" && !on.isErased) await trial.erase(on);
          },
          (plot) => isThere(plot, number),
        ),
    ),
  );

const inbound = fc.option(fc.constantFrom("1", "2"), { freq: 2 }).chain((deliveryId) =>
  toOne(
    (it) => `${it} gets a delivery by webhook${deliveryId === null ? "" : `, which is called ${deliveryId}`}.`,
    (trial, on) => trial.deliver(on, deliveryId),
  ),
);

/** More than the longest wait, at a pace at which it is never quiet. */
const steadyInbound = toOne(
  (it) => `${it} gets 11 deliveries by webhook, one every 4.9 s.`,
  async (trial, on) => {
    for (let done = 0; done < 11; done += 1) {
      await trial.deliver(on, null);
      await trial.world.passage.pass(4.9 * SECOND_MS);
    }
  },
);

const addresses = fc.oneof(
  fc.constantFrom(0, 5, 20, 90).chain((seconds) =>
    toOne(
      (it) => `${it} waits until no delivery has come for ${seconds} s.`,
      (trial, on) => trial.debounce(on, seconds),
    ),
  ),
  toOne(
    (it) => `${it} loses its webhook address and gets it again.`,
    (trial, on) => trial.renewHook(on),
  ),
);

const passes = fc
  .constantFrom(...PASSES)
  .map(
    (milliseconds) => new Happening(`${milliseconds / 1000} s pass.`, ({ world }) => world.passage.pass(milliseconds)),
  );

const nexts = fc.integer({ min: 1, max: 6 }).map(
  (times) =>
    new Happening(`The next ${times} things happen.`, async ({ world }) => {
      for (let done = 0; done < times; done += 1) await world.passage.next();
    }),
);

const deaths = fc.nat(12).chain((turns) =>
  toOne(
    (it) => (turns === 0 ? `${it} dies.` : `${it} dies after ${turns} more turns.`),
    async ({ world }, { connection: { object } }) => {
      object.kill(turns);
      for (let done = 0; done < turns && object.isInMemory; done += 1) await world.passage.next();
    },
  ),
);

const fullDisks = fc.nat(5).chain((commits) =>
  toOne(
    (it) =>
      `${it} finds its disk full, ${commits === 0 ? "at its next transaction" : `after ${commits} more transactions`}.`,
    (_trial, { connection: { object } }) => object.disk.commits.refuseOne(commits),
  ),
);

const otherDeaths = fc
  .nat(4)
  .map(
    (turns) => new Happening(`The deliveries object dies (${turns}).`, ({ world }) => world.deliveries?.kill(turns)),
  );

const alarms = fc.oneof(
  toOne(
    (it) => `${it} loses its alarm.`,
    (_trial, { connection: { object } }) => object.disk.disturbAlarm(null),
  ),
  toOne(
    (it) => `${it} has its alarm go off at once.`,
    (_trial, { connection: { object } }) => object.goOff(),
  ),
  toOne(
    (it) => `${it} has its alarm late by 50 s.`,
    (_trial, { connection: { object } }) => {
      const { alarmAt } = object.disk;
      if (alarmAt !== null) object.disk.disturbAlarm(alarmAt + 50_000);
    },
  ),
  fc.constant(
    new Happening("The alarm of the deliveries is lost.", ({ world }) => world.deliveries?.disk.disturbAlarm(null)),
  ),
  fc.constant(new Happening("The alarm of the deliveries goes off at once.", ({ world }) => world.deliveries?.goOff())),
);

function turnsOf<Kind extends keyof Weather>(kind: Kind, what: string, weathers: readonly Weather[Kind][]) {
  return fc.constantFrom(...weathers).map(
    (weather) =>
      new Happening(`${what}: ${weather}.`, ({ world }) => {
        world.weather[kind] = weather;
      }),
  );
}

const weathers = fc.oneof(
  turnsOf("source", "The upstream from now on", SOURCE_WEATHERS),
  turnsOf("database", "D1 from now on", LINE_WEATHERS),
  turnsOf("handover", "The way to the deliveries from now on", LINE_WEATHERS),
  turnsOf("receiver", "The receiver from now on", RECEIVER_WEATHERS),
);

const crons = fc.constantFrom(1, 2).map(
  (times) =>
    new Happening(times === 1 ? "Cron comes by." : "Cron comes by, twice at once.", ({ world }) => {
      for (let done = 0; done < times; done += 1) world.minute();
    }),
);

const resets = stream.chain((name) =>
  toOne(
    (it) => `${it} has its ${name} stream reset.`,
    (trial, on) => trial.resetStream(on, name),
  ),
);

const renewals = sight.chain((hidden) =>
  toOne(
    (it) => `${it} gets ${newKey(hidden)}, and the old one is taken back.`,
    (trial, on) => trial.renewKey(on, hidden),
  ),
);

const changes = fc.oneof(
  toOne(
    (it) => `${it} is paused.`,
    (trial, on) => trial.amend(on, { isPaused: true }),
  ),
  toOne(
    (it) => `${it} is resumed.`,
    (trial, on) => trial.amend(on, { isPaused: false }),
  ),
  toOne(
    (it) => `${it} loses its schedule.`,
    (trial, on) => trial.amend(on, { schedule: null }),
  ),
  toOne(
    (it) => `${it} gets its schedule.`,
    (trial, on) => trial.amend(on, { schedule: SCHEDULE }),
  ),
  renewals,
  toOne(
    (it) => `${it} is told to D1 again.`,
    (trial, on) => trial.republish(on),
  ),
);

const edition = fc.integer({ min: 1, max: 2 });

const configs = fc.oneof(
  edition.chain((number) =>
    toOne(
      (it) => `${it} is told to read edition ${number}.`,
      (trial, on) => trial.changeConfig(on, number),
    ),
  ),
  // Each asks the source first, and finds what the other has stored meanwhile.
  fc.tuple(edition, fc.oneof(sight, edition)).chain(([number, other]) =>
    toOne(
      (it) =>
        `${it} is told to read edition ${number}, and at once ${typeof other === "number" ? `${other}` : `gets ${newKey(other)}`}.`,
      async (trial, on) => {
        trial.changeConfigUnseen(on, number);
        if (typeof other === "number") trial.changeConfigUnseen(on, other);
        else trial.renewKeyUnseen(on, other);
        await trial.step();
      },
    ),
  ),
);

const erasures = which.map(
  (number) =>
    new Happening(
      `${NAMES[number]} is deleted.`,
      async (trial, plot) => {
        erase(plot, number);
        await trial.erase(trial.connection(number));
      },
      (plot) => isThere(plot, number),
    ),
);

/** Everything that can happen, the usual more often. */
const happening: fc.Arbitrary<fc.AsyncCommand<Plot, Trial>> = fc.oneof(
  { weight: 6, arbitrary: edits },
  { weight: 3, arbitrary: removals },
  { weight: 1, arbitrary: forgetting },
  { weight: 4, arbitrary: runs },
  { weight: 6, arbitrary: runsAtWork },
  { weight: 1, arbitrary: lateNews },
  { weight: 1, arbitrary: sleepyRuns },
  { weight: 1, arbitrary: halfRuns },
  { weight: 3, arbitrary: cancels },
  { weight: 4, arbitrary: interruptions },
  { weight: 5, arbitrary: inbound },
  { weight: 1, arbitrary: steadyInbound },
  { weight: 2, arbitrary: addresses },
  { weight: 6, arbitrary: passes },
  { weight: 8, arbitrary: nexts },
  { weight: 5, arbitrary: deaths },
  { weight: 3, arbitrary: fullDisks },
  { weight: 2, arbitrary: otherDeaths },
  { weight: 4, arbitrary: alarms },
  { weight: 6, arbitrary: weathers },
  { weight: 2, arbitrary: crons },
  { weight: 4, arbitrary: changes },
  { weight: 2, arbitrary: configs },
  { weight: 2, arbitrary: renewals },
  { weight: 2, arbitrary: resets },
  { weight: 1, arbitrary: erasures },
);

/**
 * Most of what can be broken shows in a few steps: of histories of ten, and not of three or of twenty, the fewest
 * processor seconds were needed until breaks on purpose were found. Some are long, for what takes more to come about.
 */
const FEW_STEPS = 10;

export function histories(maxSteps: number, replayPath: string | null) {
  const of = (maxCommands: number) =>
    fc.commands([happening], { maxCommands, size: "max", ...(replayPath === null ? {} : { replayPath }) });
  return fc.oneof({ weight: 9, arbitrary: of(Math.min(FEW_STEPS, maxSteps)) }, { weight: 1, arbitrary: of(maxSteps) });
}
