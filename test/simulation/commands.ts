import * as fc from "fast-check";

import { STREAMS, type StreamName } from "./simulated-upstream.ts";
import type { Trial } from "./trial.ts";
import { LINE_WEATHERS, RECEIVER_WEATHERS, SOURCE_WEATHERS, type Weather } from "./weather.ts";
import { SCHEDULE } from "./world.ts";

/** What a history has to remember to know what may come next. */
export interface Plot {
  isErased: boolean;
}

/** One thing that happens, in words and in deed. */
class Happening implements fc.AsyncCommand<Plot, Trial> {
  readonly #words: string;
  readonly #deed: (trial: Trial, plot: Plot) => Promise<void> | void;
  readonly #isPossible: (plot: Plot) => boolean;

  constructor(
    words: string,
    deed: (trial: Trial, plot: Plot) => Promise<void> | void,
    isPossible: (plot: Plot) => boolean = () => true,
  ) {
    this.#words = words;
    this.#deed = deed;
    this.#isPossible = isPossible;
  }

  check(plot: Readonly<Plot>): boolean {
    return this.#isPossible(plot);
  }

  async run(plot: Plot, trial: Trial): Promise<void> {
    await this.#deed(trial, plot);
    await trial.step();
  }

  toString(): string {
    return this.#words;
  }
}

const isThere = ({ isErased }: Plot) => !isErased;

const stream = fc.constantFrom<StreamName>(...STREAMS);
const id = fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h");

const PASSES = [50, 400, 1_000, 2_000, 10_000, 61_000, 300_000, 900_000, 2_400_000];

const edits = fc.record({ name: stream, ids: fc.uniqueArray(id, { minLength: 1, maxLength: 6 }), v: fc.nat(3) }).map(
  ({ name, ids, v }) =>
    new Happening(`The upstream has ${ids.join(", ")} of ${name} in version ${v}.`, ({ world }) => {
      for (const each of ids) world.upstream.put(name, each, v);
    }),
);

const removals = fc.record({ name: stream, ids: fc.uniqueArray(id, { minLength: 1, maxLength: 6 }) }).map(
  ({ name, ids }) =>
    new Happening(`The upstream loses ${ids.join(", ")} of ${name}.`, ({ world }) => {
      for (const each of ids) world.upstream.remove(name, each);
    }),
);

const forgetting = stream.map(
  (name) =>
    new Happening(`The upstream forgets where ${name} was being read.`, ({ world }) => {
      world.upstream.of(name).losesNext = true;
    }),
);

const runs = fc
  .record({
    forceFullSync: fc.boolean(),
    onConflict: fc.constantFrom("reject" as const, "attach" as const, "queue" as const),
    confirmDeletes: fc.boolean(),
  })
  .map(
    (request) =>
      new Happening(
        `Somebody runs it${request.forceFullSync ? " in full" : ""} (${request.onConflict}${request.confirmDeletes ? ", deletes confirmed" : ""}).`,
        (trial) => trial.run(request),
        isThere,
      ),
  );

/** What most histories turn on: a run, and something while it is at work. */
const runsAtWork = fc
  .record({ forceFullSync: fc.boolean(), milliseconds: fc.constantFrom(50, 300, 900, 2_000, 6_000) })
  .map(
    ({ forceFullSync, milliseconds }) =>
      new Happening(
        `Somebody runs it${forceFullSync ? " in full" : ""}, and ${milliseconds / 1000} s pass.`,
        async (trial) => {
          await trial.run({ forceFullSync });
          await trial.world.pass(milliseconds);
        },
        isThere,
      ),
  );

const cancels = fc.constant(new Happening("Somebody cancels the newest job.", (trial) => trial.cancel(), isThere));

const passes = fc
  .constantFrom(...PASSES)
  .map((milliseconds) => new Happening(`${milliseconds / 1000} s pass.`, ({ world }) => world.pass(milliseconds)));

const nexts = fc.integer({ min: 1, max: 6 }).map(
  (times) =>
    new Happening(`The next ${times} things happen.`, async ({ world }) => {
      for (let done = 0; done < times; done += 1) await world.next();
    }),
);

const deaths = fc.nat(12).map(
  (turns) =>
    new Happening(
      turns === 0 ? "The object dies." : `The object dies after ${turns} more turns.`,
      async ({ world }) => {
        world.connection.kill(turns);
        for (let done = 0; done < turns && world.connection.isInMemory; done += 1) await world.next();
      },
    ),
);

const otherDeaths = fc
  .nat(4)
  .map((turns) => new Happening(`The deliveries object dies (${turns}).`, ({ world }) => world.deliveries.kill(turns)));

const alarms = fc.constantFrom("connection" as const, "deliveries" as const).chain((whose) =>
  fc.constantFrom(
    new Happening(`The alarm of the ${whose} object is lost.`, ({ world }) => {
      world[whose].disk.alarmAt = null;
    }),
    new Happening(`The alarm of the ${whose} object goes off at once.`, ({ world }) => {
      if (world[whose].isInMemory) world[whose].goOff();
    }),
    new Happening(`The alarm of the ${whose} object is late by 50 s.`, ({ world }) => {
      const { disk } = world[whose];
      if (disk.alarmAt !== null) disk.alarmAt += 50_000;
    }),
  ),
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

const changes = fc.constantFrom(
  new Happening("Its owner pauses it.", (trial) => trial.amend({ isPaused: true }), isThere),
  new Happening("Its owner resumes it.", (trial) => trial.amend({ isPaused: false }), isThere),
  new Happening("Its owner takes the schedule away.", (trial) => trial.amend({ schedule: null }), isThere),
  new Happening("Its owner gives it its schedule.", (trial) => trial.amend({ schedule: SCHEDULE }), isThere),
  new Happening("Its owner gives it a new key.", (trial) => trial.amend({ credentials: { password: "new" } }), isThere),
  new Happening("Its owner resets the left stream.", (trial) => trial.resetStream("left"), isThere),
  new Happening("Its owner has it told to D1 again.", (trial) => trial.republish(), isThere),
);

const erasures = fc.constant(
  new Happening(
    "Its owner deletes it.",
    async (trial, plot) => {
      plot.isErased = true;
      await trial.erase();
    },
    isThere,
  ),
);

/** Everything that can happen, the usual more often. */
const happening: fc.Arbitrary<fc.AsyncCommand<Plot, Trial>> = fc.oneof(
  { weight: 6, arbitrary: edits },
  { weight: 3, arbitrary: removals },
  { weight: 1, arbitrary: forgetting },
  { weight: 4, arbitrary: runs },
  { weight: 6, arbitrary: runsAtWork },
  { weight: 3, arbitrary: cancels },
  { weight: 6, arbitrary: passes },
  { weight: 8, arbitrary: nexts },
  { weight: 5, arbitrary: deaths },
  { weight: 2, arbitrary: otherDeaths },
  { weight: 4, arbitrary: alarms },
  { weight: 6, arbitrary: weathers },
  { weight: 2, arbitrary: crons },
  { weight: 2, arbitrary: changes },
  { weight: 1, arbitrary: erasures },
);

export function histories(maxSteps: number, replayPath: string | null) {
  return fc.commands([happening], { maxCommands: maxSteps, ...(replayPath === null ? {} : { replayPath }) });
}
